"""`python -m actions`: the action server on loopback, over the bank of the settings."""

from __future__ import annotations

import asyncio
import logging

from actions.registry import make_actions
from actions.server import ActionServer, serve_for_ever
from bank.bootstrap import open_bank
from bank.settings import load_settings


def main() -> None:
    """Serve until stopped."""
    settings = load_settings()
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s %(message)s")
    bank = open_bank(settings)
    actions = make_actions(bank, turn_key=settings.turn_key.get_secret_value())
    server = ActionServer(actions, token=settings.action_token.get_secret_value())
    try:
        asyncio.run(serve_for_ever(server, port=settings.actions_port))
    finally:
        bank.store.close()


if __name__ == "__main__":
    main()
