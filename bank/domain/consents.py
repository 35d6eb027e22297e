"""Consents: what a person lets the bank write about, and on which channel.

    (customer, purpose, channel)  nothing ──give──▶ given ──withdraw──▶ withdrawn
                                               ▲──────────give──────────┘

A consent counts for its purpose *and* its channel; there is no general one, and silence is a no
(GDPR, articles 4(11) and 7; ePrivacy, article 13). The row says how it stands, the audit record
how it came to stand so.

A suppression is a keyed digest of an address that is not to be written to. It holds no person, so
it outlives one: whoever was erased and comes back under the same address stays left alone until
they themselves say otherwise.

Pure.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bank.domain.ids import CustomerId


class Purpose(StrEnum):
    """What a message may be about: offers of products, tips, surveys."""

    OFFERS = "offers"
    TIPS = "tips"
    SURVEYS = "surveys"


class Channel(StrEnum):
    """How a person is reached. What is said in a conversation waits for it (`IN_TALK`)."""

    CHAT = "chat"
    MESSENGER = "messenger"
    MAIL = "mail"
    SMS = "sms"


#: Channels on which a message is taken by a conversation, not pushed by the outbox.
IN_TALK = frozenset({Channel.CHAT, Channel.MESSENGER})


class ConsentSource(StrEnum):
    """Where the person said it."""

    CHAT = "chat"
    ACCOUNT_OPENING = "account_opening"
    STAFF = "staff"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionReason(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    ERASED = "erased"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Consent:
    """How one consent stands; `id` is `consent_id` of the three."""

    id: str
    customer_id: CustomerId
    purpose: Purpose
    channel: Channel
    is_given: bool
    changed_at_utc: datetime
    source: ConsentSource


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that is not written to; `id` is its keyed digest, and nothing else is kept."""

    id: str
    channel: Channel
    reason: SuppressionReason
    at_utc: datetime


def consent_id(customer_id: str, purpose: Purpose, channel: Channel) -> str:
    """Return the one id of a consent: it is found, and locked, without a search."""
    return f"{customer_id}|{purpose}|{channel}"


def set_to(
    consent: Consent, *, is_given: bool, source: ConsentSource, now_utc: datetime
) -> Consent:
    """Return the consent as just given or withdrawn; saying it twice changes nothing."""
    if consent.is_given is is_given:
        return consent
    return replace(consent, is_given=is_given, source=source, changed_at_utc=now_utc)


def suppressed_text(channel: Channel, address: str) -> str:
    """Return what a suppression is the digest of: the channel and the address's normal form.

    >>> suppressed_text(Channel.MAIL, " Ana.Silva@Example.org ")
    'mail|ana.silva@example.org'
    >>> suppressed_text(Channel.SMS, "0049 151 234") == suppressed_text(Channel.SMS, "+49151234")
    True
    """
    text = unicodedata.normalize("NFKC", address).strip().casefold()
    if channel is Channel.SMS:
        digits = "".join(char for char in text if char.isdigit())
        text = digits.removeprefix("00")
    return f"{channel}|{text}"
