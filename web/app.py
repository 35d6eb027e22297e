"""The application: one table of doors, three layers around them.

    request ─▶ headers ─▶ errors ─▶ guard ─▶ handler ─▶ bank | turn desk
                                                  └─ pages: templates and static files

`make_app` takes everything it works with, so a test gives a bank over a dictionary and a
scripted assistant. Background work (the feed, notices, the bank's clockwork) lives as long as
the application does.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from analytics.protection.background import BackgroundScorer
from analytics.segments.serving import LateShowroom, StoredSegments
from bank.bootstrap import Bank
from bank.settings import Settings
from identity.screening.in_force import ListsInForce
from knowledge.shelf import make_librarian
from knowledge.wording import make_wording
from web import health, library, pages
from web.addresses import parse_networks
from web.api import accounts, identity, pictures, scores, transfers
from web.api.errors import errors_middleware
from web.api.openapi import openapi_door
from web.api.pictures import PictureSigner
from web.api.score_room import ScoreRoom
from web.assistant import Assistant
from web.background import background
from web.channels import messenger_doors, set_up_messengers
from web.chat import doors as chat_doors
from web.chat import faces, joining, liveness, uploads
from web.chat.listening import Ear, load_detector
from web.chat.turns import TurnDesk
from web.closed import ClosedDoors
from web.console import alerts as console_alerts
from web.console import campaigns as console_campaigns
from web.console import copilot as console_copilot
from web.console import customer as console_customer
from web.console import doors as console_doors
from web.console import evidence as console_evidence
from web.console import investing as console_investing
from web.console import kyc as console_kyc
from web.console import language as console_language
from web.console import library as console_library
from web.console import library_questions as console_questions
from web.console import segments as console_segments
from web.console import sessions as console_sessions
from web.feed import Feed
from web.guard import Door, add_doors
from web.headers import headers_middleware
from web.keys import (
    ASSISTANT,
    BANK,
    CLOSED,
    DECODERS,
    DESK,
    EAR,
    FEED,
    LIBRARY,
    LIMITS,
    LISTS,
    METRICS,
    PROXIES,
    SCORER,
    SCORES,
    SEGMENTS,
    SENTINEL,
    SETTINGS,
    SIGNER,
    UTTERANCES,
)
from web.limits import LimitRules, Limits
from web.metrics import Metrics
from web.sentinel import Sentinel, sentinel_middleware
from web.utterances import load_utterances

UPLOAD_LIMIT_BYTES = 9 * 1024 * 1024  # one picture of 8 MB and its envelope


def make_app(
    bank: Bank,
    settings: Settings,
    *,
    assistant: Assistant,
    rules: LimitRules | None = None,
) -> web.Application:
    """Return the application around this bank."""
    key = settings.turn_key.get_secret_value().encode()
    app = web.Application(
        middlewares=[headers_middleware, sentinel_middleware, errors_middleware],
        client_max_size=UPLOAD_LIMIT_BYTES,
    )
    app[BANK], app[SETTINGS], app[ASSISTANT] = bank, settings, assistant
    app[UTTERANCES] = utterances = load_utterances()
    app[METRICS] = metrics = Metrics()
    app[SIGNER] = PictureSigner(key)
    app[LIMITS] = Limits(
        rules or LimitRules(message=settings.message_rate),
        pepper=key,
        storage_uri=settings.redis_url or "memory://",
    )
    app[PROXIES] = parse_networks(settings.proxies_to_trust)
    app[CLOSED] = ClosedDoors(bank.blocks.list_active, app[LIMITS])
    app[LISTS] = ListsInForce(settings.home_dir / "lists")
    app[DECODERS] = asyncio.Semaphore(uploads.DECODED_AT_ONCE)
    app[SCORES] = ScoreRoom(bank, settings.registry_dir)
    app[EAR] = ear = Ear(bank, lambda: load_detector(settings.suspicion_dir))
    app[SENTINEL] = Sentinel(bank, settings.threats_dir)
    app[SCORER] = scorer = BackgroundScorer(bank, settings.registry_dir)
    bank.protection.use(scorer)
    bank.audiences.use(StoredSegments(bank.store, settings.segments_dir, clock=bank.clock))
    bank.campaign_sends.use(make_wording(settings))
    app[SEGMENTS] = LateShowroom(bank.store, settings.segments_dir, clock=bank.clock)
    app[LIBRARY] = librarian = make_librarian(
        bank, settings.home_dir, encoder_folder=settings.models_dir / "encoder"
    )
    bank.library.use(librarian)
    app[FEED] = feed = Feed(
        read_changes=bank.conversations.changes, newest_change=bank.conversations.newest_change
    )
    app[DESK] = TurnDesk(
        bank, assistant, key, utterances=utterances, announcer=feed, metrics=metrics, ear=ear
    )
    add_doors(app, all_doors(settings))
    pages.set_up_pages(app)
    app.cleanup_ctx.append(background)
    set_up_messengers(app, settings)
    return app


def all_doors(settings: Settings) -> list[Door]:
    """Return every route there is, with who may call it."""
    doors = [
        *health.DOORS,
        *chat_doors.DOORS,
        *joining.DOORS,
        *uploads.DOORS,
        *liveness.DOORS,
        *faces.DOORS,
        *accounts.DOORS,
        *transfers.DOORS,
        *pictures.DOORS,
        *scores.DOORS,
        *library.DOORS,
        *console_sessions.DOORS,
        *console_doors.DOORS,
        *console_customer.DOORS,
        *console_investing.DOORS,
        *console_kyc.DOORS,
        *console_alerts.DOORS,
        *console_evidence.DOORS,
        *console_language.DOORS,
        *console_library.DOORS,
        *console_questions.DOORS,
        *console_copilot.DOORS,
        *console_segments.DOORS,
        *console_campaigns.DOORS,
        *identity.DOORS,
        *messenger_doors(settings),
        *pages.PAGES,
        *pages.demo_pages(settings),
    ]
    return [*doors, openapi_door(doors)]
