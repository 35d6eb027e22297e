"""Messengers: Telegram, WhatsApp and Slack as further doors to the same turn desk.

    service ──webhook──▶ signature ─▶ reception ─▶ TurnDesk ─▶ transcript
       ▲                                                            │
       └───────── send, line by line ◀─ delivery ◀──feed────────────┘

What the bank says (bot, staff, notices) goes out by one way only: from the transcript. So a
staff reply, a proactive notice and an answer cannot take different paths, and a line that
could not be sent waits where it is.

Each service is switched on by its environment variables; while none is on, this package adds
no route and imports nothing else.
Why not Rasa's connectors: docs/adr/0010-messengers-through-web.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from bank.settings import Settings
    from web.guard import Door


def switched_on(settings: Settings) -> list[str]:
    """Return the services whose variables are all there: half a set-up opens no door."""
    needed = {
        "telegram": (settings.telegram_token, settings.telegram_secret),
        "whatsapp": (
            settings.whatsapp_account_sid, settings.whatsapp_auth_token, settings.whatsapp_number,
        ),
        "slack": (settings.slack_token, settings.slack_signing_secret),
    }  # fmt: skip
    return [name for name, values in needed.items() if all(_is_given(v) for v in values)]


def messenger_doors(settings: Settings) -> list[Door]:
    """Return the webhooks of the services that are on, and the doors for linking."""
    names = switched_on(settings)
    if not names:
        return []
    from web.channels import doors  # noqa: PLC0415  nothing is loaded while all are off

    return doors.make_doors(names)


def set_up_messengers(app: web.Application, settings: Settings) -> None:
    """Start what sends to the services that are on, with the application."""
    names = switched_on(settings)
    if names:
        from web.channels import doors  # noqa: PLC0415

        doors.set_up(app, names)


def _is_given(value: object) -> bool:
    return bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
