"""`python -m actions`: the action server on loopback, over the bank of the settings."""

from __future__ import annotations

import asyncio

from actions.registry import make_actions
from actions.server import ActionServer, serve_for_ever
from analytics.advice.serving import LateAdviser
from analytics.news.serving import FollowedNews
from analytics.protection.background import BackgroundScorer
from bank.bootstrap import open_bank
from bank.logs import configure_logs
from bank.settings import load_settings
from bank.threads import end_process, widen_loop
from knowledge.composing import composed
from knowledge.shelf import make_librarian


def main() -> None:
    """Serve until stopped."""
    settings = load_settings()
    configure_logs(settings.log_level)
    bank = open_bank(settings)
    scorer = BackgroundScorer(bank, settings.registry_dir, watches_cards=False)
    bank.protection.use(scorer)
    scorer.start()
    adviser = LateAdviser(bank, home_dir=settings.home_dir)
    bank.advice.use(adviser)
    adviser.warm()
    librarian = make_librarian(
        bank, settings.home_dir, encoder_folder=settings.models_dir / "encoder"
    )
    bank.library.use(composed(librarian, settings))
    librarian.warm()
    news = FollowedNews(
        bank, models_dir=settings.models_dir, home_dir=settings.home_dir,
        feeds=settings.feeds_to_read,
    )  # fmt: skip
    bank.investing.use(news)
    news.start()
    actions = make_actions(bank, turn_key=settings.turn_key.get_secret_value())
    server = ActionServer(actions, token=settings.action_token.get_secret_value())
    try:
        asyncio.run(serve(server, port=settings.actions_port))
    finally:
        scorer.stop()
        news.stop()
        bank.store.close()


async def serve(server: ActionServer, *, port: int) -> None:
    """Serve with threads enough for the bank's calls."""
    widen_loop(asyncio.get_running_loop())
    await serve_for_ever(server, port=port)


if __name__ == "__main__":
    main()
    end_process(0)
