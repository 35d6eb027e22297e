"""Bootstrap: puts the bank together. The only place that knows which adapter stands for a port.

make_bank(store)        any store, a fake one in tests; nothing outside it is touched
open_bank(settings)     the real database, brought to the newest migration first
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bank.campaign_rooms import CampaignRooms, make_campaign_rooms
from bank.delivery.texts import TomlTexts
from bank.identity_rooms import IdentityRooms, make_identity, public_url_of
from bank.library_rooms import LibraryRooms, make_library_rooms
from bank.model_rooms import ModelRooms, make_model_rooms
from bank.money_rooms import MoneyRooms, make_money
from bank.ports import Anchor, Clock, Passwords, Store, Vault
from bank.security.audit_chain import ChainKey, FileAnchor, MemoryAnchor
from bank.security.keys import Keyring, make_keyring, open_keyring
from bank.security.passkeys import WebAuthnPasskeys
from bank.security.passwords import Argon2Passwords
from bank.security.totp import PyotpTotp
from bank.security.vault import AesGcmVault
from bank.services import event_answers, face_keys
from bank.services.audit import Audit
from bank.services.blocks import Blocks
from bank.services.buttons import Buttons
from bank.services.canned_replies import CannedReplies
from bank.services.case_book import CaseBook
from bank.services.cases import Cases
from bank.services.changes import Changes
from bank.services.chat_seals import ChatSeals
from bank.services.conversations import Conversations
from bank.services.customers import Customers
from bank.services.desk_mails import DeskMails
from bank.services.event_questions import EventQuestions
from bank.services.failures import Failures
from bank.services.habits import Habits
from bank.services.links import Links
from bank.services.logins import Logins
from bank.services.messenger_chats import MessengerChats
from bank.services.model_alerts import AlertRecipients
from bank.services.money_acts import make_money_acts
from bank.services.notices import Notices
from bank.services.outbox import Outbox
from bank.services.passkeys import Passkeys
from bank.services.proactive import Proactive
from bank.services.promotions import Promotions
from bank.services.readings import Readings
from bank.services.risk_notes import RiskNotes
from bank.services.security_events import SecurityEvents
from bank.services.sessions import DEFAULT_TTL_S, Sessions
from bank.services.staff import Staff
from bank.services.step_up import StepUp
from bank.services.step_up_acts import StepUpActs
from bank.services.turns import Turns
from bank.storage.database import open_store
from bank.storage.migrate import upgrade

if TYPE_CHECKING:
    from bank.settings import Settings


@dataclass(frozen=True, kw_only=True)
class People:
    """Who is who, what was said, who works on it."""

    keyring: Keyring
    vault: Vault
    passwords: Passwords
    totp: PyotpTotp
    audit: Audit
    customers: Customers
    logins: Logins
    habits: Habits
    risk_notes: RiskNotes
    event_questions: EventQuestions
    sessions: Sessions
    step_up: StepUp
    passkeys: Passkeys
    cases: Cases
    conversations: Conversations
    turns: Turns
    buttons: Buttons
    changes: Changes
    links: Links
    messenger_chats: MessengerChats
    staff: Staff
    canned_replies: CannedReplies
    readings: Readings
    promotions: Promotions
    outbox: Outbox
    desk_mails: DeskMails
    security_events: SecurityEvents
    blocks: Blocks


@dataclass(frozen=True, kw_only=True)
class Bank(People, MoneyRooms, IdentityRooms, ModelRooms, CampaignRooms, LibraryRooms):
    """Everything a door may call."""

    store: Store
    clock: Clock
    notices: Notices
    proactive: Proactive
    step_up_acts: StepUpActs


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def make_bank(
    store: Store,
    *,
    clock: Clock = utc_now,
    keyring: Keyring | None = None,
    settings: Settings | None = None,
) -> Bank:
    """Return the bank over a store. Without a keyring: the settings' one, else a passing one."""
    if keyring is None:
        keyring = open_keyring(settings) if settings else make_keyring()
    people = make_people(store, clock=clock, keyring=keyring, settings=settings)
    money = make_money(store, clock=clock, people=people)
    identity = make_identity(store, clock=clock, people=people, settings=settings)
    proactive = Proactive(store, clock=clock, insights=money.insights)
    return Bank(
        store=store,
        clock=clock,
        notices=Notices(store, clock=clock, insights=money.insights, proactive=proactive),
        proactive=proactive,
        step_up_acts=StepUpActs(
            {
                **make_money_acts(
                    transfers=money.transfers,
                    cards=money.cards,
                    standing_orders=money.standing_orders,
                ),
                face_keys.PURPOSE: identity.face_keys.begin,
                event_answers.PURPOSE: money.event_answers.confirm,
            }
        ),
        **vars(people),
        **vars(money),
        **vars(identity),
        **vars(make_model_rooms(store, clock=clock, people=people, settings=settings)),
        **vars(make_campaign_rooms(store, clock=clock, people=people)),
        **vars(make_library_rooms(store, clock=clock, people=people)),
    )


def open_bank(settings: Settings) -> Bank:
    """Open the real database, brought to the newest migration; the caller closes the store."""
    settings.home_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade(settings.database_url)
    bank = make_bank(open_store(settings.database_url), settings=settings)
    bank.canned_replies.load_defaults()
    return bank


def make_people(
    store: Store, *, clock: Clock, keyring: Keyring, settings: Settings | None = None
) -> People:
    """Return the people's services over a store."""
    vault, texts = AesGcmVault(keyring), TomlTexts()
    seals, outbox = ChatSeals(vault), Outbox(store, clock=clock, vault=vault)
    events = SecurityEvents(
        store, clock=clock, outbox=outbox, to=settings.siem_url if settings else ""
    )
    audit = Audit(
        store,
        clock=clock,
        sign=ChainKey(keyring).sign,
        anchor=_anchor(keyring, settings),
        events=events,
    )
    passwords = Argon2Passwords(
        time=settings.argon2_time if settings else 2,
        memory_kib=settings.argon2_memory_kib if settings else 19_456,
        lanes=settings.argon2_lanes if settings else 1,
    )
    failures = Failures(store, clock=clock, digests=keyring)
    desk_mails = DeskMails(
        store,
        clock=clock,
        outbox=outbox,
        texts=texts,
        to=AlertRecipients(settings.compliance_to_alert, settings.webhooks_to_alert)
        if settings
        else AlertRecipients(),
        public_url=public_url_of(settings),
    )
    book = CaseBook(clock=clock, audit=audit, events=events, desk_mails=desk_mails)
    cases = Cases(store, clock=clock, book=book)
    risk_notes = RiskNotes(store, clock=clock, events=events)
    questions = EventQuestions(
        store, clock=clock, outbox=outbox, texts=texts, risk_notes=risk_notes
    )
    habits = Habits(store, clock=clock, events=events, questions=questions)
    conversations = Conversations(
        store, clock=clock, seals=seals, digests=keyring, cases=cases, audit=audit
    )
    sessions = Sessions(
        store,
        clock=clock,
        conversations=conversations,
        audit=audit,
        ttl_s=settings.session_ttl_s if settings else DEFAULT_TTL_S,
    )
    ceremonies = WebAuthnPasskeys(public_url=public_url_of(settings))
    step_up = StepUp(
        store,
        clock=clock,
        digests=keyring,
        passkeys=ceremonies,
        outbox=outbox,
        texts=texts,
        audit=audit,
    )
    totp = PyotpTotp()
    return People(
        keyring=keyring,
        vault=vault,
        passwords=passwords,
        totp=totp,
        audit=audit,
        customers=Customers(store, clock=clock, passwords=passwords, audit=audit),
        logins=Logins(
            store,
            clock=clock,
            passwords=passwords,
            failures=failures,
            sessions=sessions,
            audit=audit,
            habits=habits,
            events=events,
        ),
        habits=habits,
        risk_notes=risk_notes,
        event_questions=questions,
        sessions=sessions,
        step_up=step_up,
        passkeys=Passkeys(
            store,
            clock=clock,
            ceremonies=ceremonies,
            step_up=step_up,
            outbox=outbox,
            texts=texts,
            audit=audit,
        ),
        cases=cases,
        conversations=conversations,
        turns=Turns(store, clock=clock, seals=seals, digests=keyring, conversations=conversations),
        buttons=Buttons(store, clock=clock, seals=seals),
        changes=Changes(store, clock=clock),
        links=Links(store, clock=clock, digests=keyring, failures=failures, audit=audit),
        messenger_chats=MessengerChats(
            store, clock=clock, vault=vault, digests=keyring, conversations=conversations
        ),
        staff=Staff(
            store,
            clock=clock,
            passwords=passwords,
            totp=totp,
            vault=vault,
            failures=failures,
            sessions=sessions,
            audit=audit,
            events=events,
        ),
        canned_replies=CannedReplies(store, audit=audit),
        readings=Readings(
            store, clock=clock, seals=seals, vault=vault, digests=keyring, audit=audit
        ),
        promotions=Promotions(store, clock=clock, audit=audit, events=events),
        outbox=outbox,
        desk_mails=desk_mails,
        security_events=events,
        blocks=Blocks(
            store,
            clock=clock,
            audit=audit,
            cases=cases,
            events=events,
            never=settings.proxies_to_trust if settings else (),
        ),
    )


def _anchor(keyring: Keyring, settings: Settings | None) -> Anchor:
    return FileAnchor(settings.anchor_path, keyring) if settings else MemoryAnchor()
