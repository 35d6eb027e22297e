"""What the application carries: typed keys, so a handler names what it uses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from identity.screening.in_force import ListsInForce

if TYPE_CHECKING:
    from analytics.protection.background import BackgroundScorer
    from analytics.segments.serving import LateShowroom
    from bank.bootstrap import Bank
    from bank.settings import Settings
    from knowledge.serving import LateLibrarian
    from web.addresses import Network
    from web.api.pictures import PictureSigner
    from web.api.score_room import ScoreRoom
    from web.assistant import Assistant
    from web.chat.listening import Ear
    from web.chat.turns import TurnDesk
    from web.closed import ClosedDoors
    from web.feed import Feed
    from web.limits import Limits
    from web.metrics import Metrics
    from web.sentinel import Sentinel
    from web.utterances import Utterances

BANK: web.AppKey[Bank] = web.AppKey("bank")
SETTINGS: web.AppKey[Settings] = web.AppKey("settings")
ASSISTANT: web.AppKey[Assistant] = web.AppKey("assistant")
DESK: web.AppKey[TurnDesk] = web.AppKey("desk")
FEED: web.AppKey[Feed] = web.AppKey("feed")
LIMITS: web.AppKey[Limits] = web.AppKey("limits")
#: Whose word about where a request comes from is believed.
PROXIES: web.AppKey[tuple[Network, ...]] = web.AppKey("proxies")
#: Which addresses are refused just now.
CLOSED: web.AppKey[ClosedDoors] = web.AppKey("closed")
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
UTTERANCES: web.AppKey[Utterances] = web.AppKey("utterances")
SIGNER: web.AppKey[PictureSigner] = web.AppKey("signer")
#: How many pictures are decoded at once in this process.
DECODERS: web.AppKey[asyncio.Semaphore] = web.AppKey("decoders")
#: The sanctions and PEP lists, read when they are first asked for.
LISTS: web.AppKey[ListsInForce] = web.AppKey("lists")
#: Hears what customers write, for the acts that follow.
EAR: web.AppKey[Ear] = web.AppKey("ear")
#: Scores payments before they move.
SCORER: web.AppKey[BackgroundScorer] = web.AppKey("scorer")
#: Looks at requests and logins as they come.
SENTINEL: web.AppKey[Sentinel] = web.AppKey("sentinel")
#: The models that score, each loaded when it is first asked for.
SCORES: web.AppKey[ScoreRoom] = web.AppKey("scores")
#: What the articles say now, shipped and by staff.
LIBRARY: web.AppKey[LateLibrarian] = web.AppKey("library")
#: The segments of customers as staff look at them.
SEGMENTS: web.AppKey[LateShowroom] = web.AppKey("segments")
