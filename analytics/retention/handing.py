"""A plan, handed on: to the campaigns of the bank as drafts, or to people as calls to make.

    Plan ──what is written──▶ a draft a strategy, its audience a fixed list ──▶ approved by another
      └────what is said────▶ a case a customer in the queue of the chat, on the least urgent level

Writing keeps the bank's own hold-out: those who would have got an offer and are held out stand on
the list, too, and the campaign counts them beside the others. Consent, quiet hours and the cap
per person are asked when it goes. What a customer was planned for is never theirs to read.

Suspicion has no say: an open alert or finding neither puts anybody on a list nor takes them off
(`without_suspicion`); what a customer reported themself does take them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from analytics.retention.choosing import NO_STRATEGY, Plan
from analytics.retention.strategies import StrategyBook
from bank.domain.actors import Actor
from bank.domain.audiences import LIST_MAX_COUNT, digest_of
from bank.domain.campaigns import Campaign, CampaignWish, MessageClass
from bank.domain.cases import Case, CaseKind, Priority
from bank.domain.consents import Channel, Purpose
from bank.policies import contacting
from bank.policies.escalation import queue_of
from bank.services.campaigns import Campaigns
from bank.services.cases import Cases

#: What is written, and its words (bank/delivery/texts.toml). All others are somebody's call.
TEXTS: Mapping[str, str] = {
    "rate_bonus": "campaign_stay_rate",
    "fee_waiver": "campaign_stay_fees",
    "education": "campaign_stay_guide",
}
WINDOW = timedelta(days=30)
REASON = "retention_call"
#: Kinds of cases the bank opens on its own suspicion; the customer knows of the others.
_SUSPICIONS = frozenset({"alert", "fraud"})


def without_suspicion(book: StrategyBook) -> StrategyBook:
    """Return the list with no strategy depending on what the bank suspects."""
    kinds = tuple(one for one in book.never_on_open_case if one not in _SUSPICIONS)
    return replace(book, never_on_open_case=kinds)


def wishes_of(plan: Plan, *, now_utc: datetime) -> dict[str, CampaignWish]:
    """Return by strategy the campaign that writes it to whom it is planned for.

    The budget is what sending costs; what the offers cost was weighed by the plan.
    """
    wishes = {}
    for strategy, text_id in TEXTS.items():
        rows = [row for row in plan.rows if row.planned == strategy]
        if not rows:
            continue
        ids = sorted(row.customer_id for row in rows)[:LIST_MAX_COUNT]
        wishes[strategy] = CampaignWish(
            name=f"Stay: {strategy.replace('_', ' ')} {now_utc:%Y-%m-%d} {digest_of(ids)[:8]}",
            message_class=MessageClass.MARKETING,
            purpose=Purpose.OFFERS,
            channels=(Channel.MAIL,),
            variants=[{"code": "a", "share_bp": 10_000, "texts": {Channel.MAIL: text_id}}],
            starts_at_utc=now_utc,
            ends_at_utc=now_utc + WINDOW,
            budget_minor=contacting.cost_minor(Channel.MAIL) * len(ids),
            audience={"customer_ids": ids},
        )
    return wishes


def draft(
    campaigns: Campaigns, actor: Actor, plan: Plan, *, now_utc: datetime
) -> tuple[Campaign, ...]:
    """Make the drafts; the same plan on the same day makes none twice. Raises NotPermitted."""
    known = {one.name for one in campaigns.list(actor)}
    wishes = wishes_of(plan, now_utc=now_utc).values()
    return tuple(campaigns.make(actor, one) for one in wishes if one.name not in known)


def open_calls(
    cases: Cases, actor: Actor, plan: Plan, *, book: StrategyBook, now_utc: datetime
) -> tuple[Case, ...]:
    """Open a case for each offer a person makes; none for who is held out. Once a month each."""
    titles = {one.name: one.title for one in book.strategies}
    return tuple(
        cases.open(
            actor,
            kind=CaseKind.HANDOFF,
            queue=queue_of(CaseKind.HANDOFF),
            subject=f"Retention: {titles[row.strategy]}",
            reason_code=REASON,
            why=row.sentence,
            customer_id=row.customer_id,
            priority=Priority.LOW,
            idempotency_key=f"retention:{now_utc:%Y-%m}:{row.customer_id}",
        )
        for row in plan.rows
        if row.strategy not in (NO_STRATEGY, *TEXTS)
    )
