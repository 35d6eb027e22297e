"""Which records there are, and how they are found: one line a table.

A record is a frozen dataclass; its first field is `id`. Both stores are built from this list,
so adding a table is: a dataclass in the domain, a line here, a migration.
Field types allowed: str, int, bool, float, bytes, datetime (UTC), StrEnum, NewType of str,
each optionally `| None`, and `dict[str, Any]` / `tuple[str, ...]` (kept as JSON).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bank.domain.accounts import Account
from bank.domain.advice import Advice
from bank.domain.api_keys import ApiKey
from bank.domain.applications import Application, ContactCode, KycDecision, ResumeLink
from bank.domain.articles import ArticleRevision, UnansweredQuestion
from bank.domain.asked_events import AskedEvent
from bank.domain.attempts import Attempts
from bank.domain.audit import AuditEntry, AuditHead
from bank.domain.bills import Bill
from bank.domain.blocks import Block
from bank.domain.campaigns import Campaign, Send
from bank.domain.canned_replies import CannedReply
from bank.domain.cards import Card, PinLetter, TravelNotice
from bank.domain.cases import Case, CaseEvent
from bank.domain.challenges import Challenge, Passkey, PasskeyRegistration
from bank.domain.consents import Consent, Suppression
from bank.domain.conversations import Change, Conversation, ConversationKey, Counter, Message
from bank.domain.customers import Customer, Login
from bank.domain.disputes import Dispute
from bank.domain.evidence import Evidence
from bank.domain.face_keys import FaceEnrolment, FaceKey, FaceTrial
from bank.domain.fraud_findings import FraudFinding
from bank.domain.habits import LoginDay, LoginPlace
from bank.domain.identity_jobs import IdentityJob
from bank.domain.instruments import Holding, Instrument
from bank.domain.investors import InvestorProfile
from bank.domain.ledger import MerchantSeen, Posting, Transaction
from bank.domain.links import ChannelLink, LinkCode
from bank.domain.messenger_chats import MessengerChat
from bank.domain.model_alerts import ModelAlert
from bank.domain.notice_choices import NoticeChoice
from bank.domain.notices import Notice
from bank.domain.offers import OfferAnswer, OfferlessTalk
from bank.domain.outbox import DemoPhoneMessage, OutboxItem
from bank.domain.payees import Payee
from bank.domain.pictures import StoredPicture
from bank.domain.promotions import Promotion
from bank.domain.readings import Reading, Sentence
from bank.domain.risk import Assessment, PaymentPause, RiskNote
from bank.domain.sar import SarDraft
from bank.domain.sessions import Session
from bank.domain.staff import StaffMember
from bank.domain.standing_orders import StandingOrder
from bank.domain.transfers import Transfer
from bank.domain.turns import ButtonRecord, TurnRecord


@dataclass(frozen=True)
class RecordSpec:
    """A record type with the columns it is unique by and looked up by."""

    record: type[Any]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()


RECORDS: dict[str, RecordSpec] = {
    # --- money ---
    "accounts": RecordSpec(Account, unique=(("iban",),), indexes=(("customer_id",),)),
    "transactions": RecordSpec(Transaction, indexes=(("transfer_id",),)),
    "postings": RecordSpec(
        Posting,
        indexes=(
            ("booked_at_utc",),
            ("account_id", "booked_at_utc"),
            ("account_id", "merchant", "booked_at_utc"),
            ("transaction_id",),
        ),
    ),
    "merchants_seen": RecordSpec(MerchantSeen, indexes=(("account_id",),)),
    "transfers": RecordSpec(
        Transfer,
        unique=(("customer_id", "idempotency_key"),),
        indexes=(
            ("customer_id", "proposed_at_utc"),
            ("from_account_id", "status"),
            ("status", "expires_at_utc"),
            ("to_iban", "posted_at_utc"),
        ),
    ),
    "payees": RecordSpec(
        Payee, unique=(("customer_id", "idempotency_key"),), indexes=(("customer_id",),)
    ),
    "cards": RecordSpec(
        Card, unique=(("customer_id", "idempotency_key"),), indexes=(("customer_id",),)
    ),
    "travel_notices": RecordSpec(TravelNotice, indexes=(("customer_id",), ("card_id",))),
    "pin_letters": RecordSpec(PinLetter, indexes=(("card_id",),)),
    "standing_orders": RecordSpec(
        StandingOrder,
        unique=(("customer_id", "idempotency_key"),),
        indexes=(("status", "next_date"),),
    ),
    "bills": RecordSpec(Bill, indexes=(("customer_id", "status"),)),
    "disputes": RecordSpec(
        Dispute,
        unique=(("customer_id", "idempotency_key"),),
        indexes=(("posting_id",),),
    ),
    "fraud_findings": RecordSpec(
        FraudFinding, indexes=(("posting_id",), ("customer_id",), ("found_at_utc",))
    ),
    # --- protection ---
    "risk_notes": RecordSpec(RiskNote, indexes=(("customer_id",), ("expires_at_utc",))),
    "assessments": RecordSpec(
        Assessment,
        indexes=(("to_iban",), ("case_id",), ("subject_id",), ("customer_id",)),
    ),
    "asked_events": RecordSpec(
        AskedEvent, unique=(("customer_id", "once_key"),), indexes=(("customer_id",),)
    ),
    "sar_drafts": RecordSpec(SarDraft, unique=(("case_id", "version"),)),
    "payment_pauses": RecordSpec(PaymentPause, indexes=(("customer_id", "to_iban"),)),
    "blocks": RecordSpec(Block, indexes=(("kind", "subject", "expires_at_utc"), ("at_utc",))),
    # --- investing ---
    "instruments": RecordSpec(Instrument, unique=(("ticker",),)),
    "holdings": RecordSpec(Holding, unique=(("customer_id", "instrument_id"),)),
    "investor_profiles": RecordSpec(
        InvestorProfile, indexes=(("customer_id", "taken_at_utc"),)
    ),
    "advice": RecordSpec(Advice, indexes=(("customer_id", "given_at_utc"),)),
    "pictures": RecordSpec(StoredPicture, indexes=(("customer_id",),)),
    # --- engagement ---
    "campaigns": RecordSpec(Campaign, indexes=(("state",),)),
    "campaign_sends": RecordSpec(
        Send,
        unique=(("campaign_id", "customer_id", "channel"),),
        indexes=(
            ("campaign_id", "state", "due_at_utc", "id"),
            ("campaign_id", "customer_id", "state"),
            ("customer_id", "sent_at_utc"),
        ),
    ),
    "consents": RecordSpec(Consent, indexes=(("customer_id",),)),
    "suppressions": RecordSpec(Suppression),
    "offer_answers": RecordSpec(
        OfferAnswer,
        indexes=(("customer_id", "shown_at_utc"), ("offer", "segment", "answer")),
    ),
    "offerless_talks": RecordSpec(OfferlessTalk),
    "notice_choices": RecordSpec(NoticeChoice, indexes=(("customer_id",),)),
    # --- the library ---
    "article_revisions": RecordSpec(
        ArticleRevision, unique=(("article_id", "version"),), indexes=(("state",),)
    ),
    "unanswered_questions": RecordSpec(UnansweredQuestion, indexes=(("asked_at_utc",),)),
    # --- people ---
    "customers": RecordSpec(
        Customer,
        unique=(("login_name",),),
        indexes=(("phone",), ("email",), ("birth_date",)),
    ),
    "logins": RecordSpec(Login),
    "login_days": RecordSpec(LoginDay, indexes=(("customer_id", "day"),)),
    "login_places": RecordSpec(LoginPlace, indexes=(("customer_id",),)),
    "staff": RecordSpec(StaffMember, unique=(("login_name",),)),
    "sessions": RecordSpec(
        Session, unique=(("token_hash",),), indexes=(("actor_id",), ("conversation_id",))
    ),
    "attempts": RecordSpec(Attempts),
    "challenges": RecordSpec(Challenge, indexes=(("customer_id", "created_at_utc"),)),
    "passkeys": RecordSpec(Passkey, indexes=(("customer_id",),)),
    "passkey_registrations": RecordSpec(PasskeyRegistration),
    "face_keys": RecordSpec(FaceKey),
    "face_enrolments": RecordSpec(FaceEnrolment),
    "face_trials": RecordSpec(FaceTrial, indexes=(("customer_id", "started_at_utc"), ("job_id",))),
    "cases": RecordSpec(
        Case,
        unique=(("idempotency_key",),),
        indexes=(("state", "due_at_utc"), ("conversation_id",), ("customer_id",), ("assignee",)),
    ),
    "case_events": RecordSpec(CaseEvent, indexes=(("case_id",),)),
    "conversations": RecordSpec(
        Conversation,
        unique=(("channel", "external_hash"),),
        indexes=(("customer_id",), ("speaker",)),
    ),
    "conversation_keys": RecordSpec(ConversationKey),
    "messages": RecordSpec(
        Message,
        unique=(("conversation_id", "seq"),),
        indexes=(("conversation_id", "message_id"),),
    ),
    "changes": RecordSpec(Change, unique=(("number",),)),
    "counters": RecordSpec(Counter),
    "turns": RecordSpec(TurnRecord, indexes=(("conversation_id",), ("begun_at_utc",))),
    "buttons": RecordSpec(ButtonRecord, indexes=(("group_id",), ("expires_at_utc",))),
    "notices": RecordSpec(
        Notice, unique=(("customer_id", "once_key"),), indexes=(("customer_id", "state"),)
    ),
    "channel_links": RecordSpec(ChannelLink, indexes=(("customer_id",),)),
    "link_codes": RecordSpec(LinkCode, indexes=(("code_hash",),)),
    "messenger_chats": RecordSpec(
        MessengerChat, indexes=(("conversation_id",), ("seen_at_utc",), ("due_at_utc",))
    ),
    "canned_replies": RecordSpec(CannedReply),
    "readings": RecordSpec(
        Reading,
        unique=(("conversation_id", "message_id"),),
        indexes=(("state", "why"), ("noted_at_utc",), ("sentence_id",)),
    ),
    "sentences": RecordSpec(Sentence),
    "promotions": RecordSpec(Promotion, indexes=(("model", "state"),)),
    # --- becoming a customer ---
    "applications": RecordSpec(
        Application,
        indexes=(
            ("conversation_id",),
            ("state", "expires_at_utc"),
            ("case_id",),
            ("email_digest",),
            ("person_digest",),
            ("document_digest",),
            ("customer_id",),
        ),
    ),
    "contact_codes": RecordSpec(ContactCode),
    "resume_links": RecordSpec(ResumeLink, indexes=(("application_id",),)),
    "evidence": RecordSpec(
        Evidence,
        indexes=(
            ("conversation_id",),
            ("application_id",),
            ("digest",),
            ("erase_at_utc",),
        ),
    ),
    "identity_jobs": RecordSpec(
        IdentityJob,
        indexes=(("state", "lease_until_utc"), ("application_id",), ("told_at_utc",)),
    ),
    "kyc_decisions": RecordSpec(KycDecision, indexes=(("application_id",),)),
    # --- models ---
    "api_keys": RecordSpec(ApiKey, unique=(("key_hash",),)),
    "model_alerts": RecordSpec(
        ModelAlert, indexes=(("kind", "model", "version"), ("state", "at_utc"))
    ),
    "outbox": RecordSpec(OutboxItem, indexes=(("kind", "state", "due_at_utc"),)),
    "demo_phone_messages": RecordSpec(
        DemoPhoneMessage, unique=(("message_id",),), indexes=(("to",),)
    ),
    "audit": RecordSpec(AuditEntry, unique=(("number",),)),
    "audit_heads": RecordSpec(AuditHead),
}
