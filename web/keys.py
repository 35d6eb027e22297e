"""What the application carries: typed keys, so a handler names what it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from bank.settings import Settings
    from web.api.pictures import PictureSigner
    from web.assistant import Assistant
    from web.chat.turns import TurnDesk
    from web.feed import Feed
    from web.limits import Limits
    from web.metrics import Metrics
    from web.utterances import Utterances

BANK: web.AppKey[Bank] = web.AppKey("bank")
SETTINGS: web.AppKey[Settings] = web.AppKey("settings")
ASSISTANT: web.AppKey[Assistant] = web.AppKey("assistant")
DESK: web.AppKey[TurnDesk] = web.AppKey("desk")
FEED: web.AppKey[Feed] = web.AppKey("feed")
LIMITS: web.AppKey[Limits] = web.AppKey("limits")
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
UTTERANCES: web.AppKey[Utterances] = web.AppKey("utterances")
SIGNER: web.AppKey[PictureSigner] = web.AppKey("signer")
#: A fact of the chat page: whether it offers to send pictures. Set where the pages are set up.
UPLOADS_OFFERED: web.AppKey[bool] = web.AppKey("uploads_offered")
