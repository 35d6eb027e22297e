"""Campaigns: made by one, approved by another, stopped by anybody, read by all of them.

    make ─▶ preview on a real customer ─▶ approve (somebody else) ─▶ campaign_sends.py ─▶ results

Stopping takes two steps: the state first, after which nothing new goes; then letters that still
wait are taken out of the outbox. Who may: bank/policies/access.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bank.domain import campaigns as rules
from bank.domain.actors import Actor
from bank.domain.audiences import validate_audience
from bank.domain.campaigns import Campaign, CampaignWish, Send, SendState
from bank.domain.consents import IN_TALK, Channel
from bank.domain.customers import Customer
from bank.domain.errors import Conflict, InvalidInput, NotFound
from bank.domain.ids import make_id
from bank.policies import access
from bank.policies.contacting import Reason
from bank.ports import Auditor, Clock, RenderedText, Store, UnitOfWork
from bank.services.audiences import Audiences
from bank.services.campaign_reach import SAMPLE_MAX_COUNT, Reach, reasons_in
from bank.services.campaign_results import CampaignResults, results_in
from bank.services.consents import recall_in
from bank.services.contacts import FACTS, Contacts, as_running

LIST_MAX = 200
_PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would happen on one channel. `words`: of a letter; `text_id`: of a conversation."""

    channel: Channel
    reasons: tuple[Reason, ...]
    text_id: str
    words: RenderedText | None


@dataclass(frozen=True, slots=True)
class Preview:
    """A campaign, held against one customer, as if it ran now."""

    is_member: bool
    is_held_out: bool
    variant: str
    lines: tuple[PreviewLine, ...]


class Campaigns:
    """What is sent to many."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, audiences: Audiences,
        contacts: Contacts,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._audiences = audiences
        self._contacts = contacts

    def make(self, actor: Actor, wish: CampaignWish) -> Campaign:
        """Make a draft. Raises NotPermitted, InvalidInput, InvalidText."""
        access.require(actor, "campaigns.make")
        campaign = rules.make(make_id("cp"), wish, by=actor.id, now_utc=self._clock())
        self._check_texts(campaign)

        def work(uow: UnitOfWork) -> Campaign:
            uow.campaigns.add(campaign)
            self._record_in(uow, actor, campaign, "campaign.make")
            return campaign

        return self._store.write(work)

    def approve(self, actor: Actor, campaign_id: str) -> Campaign:
        """Approve what somebody else made, if it would reach anybody.

        Raises NotPermitted, NotFound, SecondPersonNeeded, Conflict (no draft; its window is over;
        "empty_audience": nobody fits now; "segments_gone": nobody can tell who fits).
        """
        access.require(actor, "campaigns.approve")
        by = actor.require_staff()
        draft: Campaign = self._store.read(lambda uow: uow.campaigns.get(campaign_id))
        rules.approve(draft, by=by, now_utc=self._clock())  # before a million people are counted
        self._require_somebody(draft)

        def work(uow: UnitOfWork) -> Campaign:
            held: Campaign = uow.campaigns.get(campaign_id, lock=True)
            after = rules.approve(held, by=by, now_utc=self._clock())
            uow.campaigns.save(after)
            self._record_in(uow, actor, after, "campaign.approve")
            return after

        return self._store.write(work)

    def stop(self, actor: Actor, campaign_id: str) -> int:
        """Stop a campaign for good; return how many letters were still caught.

        Nothing is sent once this has begun; calling it again goes on catching. Raises Conflict.
        """
        access.require(actor, "campaigns.stop")

        def work(uow: UnitOfWork) -> None:
            held: Campaign = uow.campaigns.get(campaign_id, lock=True)
            after = rules.stop(held, now_utc=self._clock())
            if after != held:
                uow.campaigns.save(after)
                self._record_in(uow, actor, after, "campaign.stop")

        self._store.write(work)
        caught, after_id = 0, ""
        while True:
            last_id, count = self._store.write(partial(_recall_page_in, campaign_id, after_id))
            caught += count
            if not last_id:
                return caught
            after_id = last_id

    def get(self, actor: Actor, campaign_id: str) -> Campaign:
        """Return one campaign. Raises NotPermitted, NotFound."""
        access.require(actor, "campaigns.read")
        found: Campaign = self._store.read(lambda uow: uow.campaigns.get(campaign_id))
        return found

    def list(self, actor: Actor) -> Sequence[Campaign]:
        """Return campaigns, the newest first."""
        access.require(actor, "campaigns.read")
        found: Sequence[Campaign] = self._store.read(
            lambda uow: uow.campaigns.list(descending=True, limit=LIST_MAX)
        )
        return found

    def preview(self, actor: Actor, campaign_id: str, customer_id: str) -> Preview:
        """Return what a campaign would do with one customer now; nothing is written or sent.

        Raises NotPermitted, NotFound.
        """
        access.require(actor, "campaigns.preview")

        def read(uow: UnitOfWork) -> Preview:
            campaign: Campaign = uow.campaigns.get(campaign_id)
            customer: Customer = uow.customers.get(customer_id)
            variant = self._contacts.variant(campaign, customer_id)
            state, now_utc = as_running(campaign, now_utc=self._clock())
            lines = []
            for channel in campaign.channels:
                judged = self._contacts.judge_in(
                    uow, replace(campaign, state=state), customer_id, channel=Channel(channel),
                    variant=variant, now_utc=now_utc, lock=False,
                )  # fmt: skip
                lines.append(
                    PreviewLine(
                        Channel(channel), judged.verdict.reasons, judged.text_id, judged.words
                    )
                )
            return Preview(
                is_member=self._audiences.is_member(campaign, customer),
                is_held_out=self._contacts.is_held_out(campaign, customer_id),
                variant=variant,
                lines=tuple(lines),
            )

        return self._store.read(read)

    def size(self, actor: Actor, audience: Mapping[str, Any]) -> int:
        """Return how many an audience would reach now, held out or not.

        Raises NotPermitted, InvalidInput (which part), NotFound (its segments are not there).
        """
        access.require(actor, "campaigns.make")
        return self._audiences.count(validate_audience(audience))

    def reach(self, actor: Actor, campaign_id: str) -> Reach:
        """Return how many of the audience could not be written to, and why.

        Looks at SAMPLE_MAX_COUNT people at most, the same ones each time. Raises NotPermitted,
        NotFound (its segments are not there, too).
        """
        access.require(actor, "campaigns.preview")
        campaign: Campaign = self._store.read(lambda uow: uow.campaigns.get(campaign_id))
        count, some = self._audiences.sample(
            campaign.audience, most=SAMPLE_MAX_COUNT, seed=campaign.id
        )
        reasons = self._store.read(
            lambda uow: reasons_in(uow, self._contacts, campaign, some, now_utc=self._clock())
        )
        return Reach(count, len(some), reasons)

    def note_export(self, actor: Actor, *, people_count: int) -> None:
        """Write down that who is in which segment was handed out. Raises NotPermitted."""
        access.require(actor, "segments.export")
        told = {"people_count": people_count}
        self._store.write(
            lambda uow: self._audit.append_in(
                uow, actor, "segments.export", "segments", "done", "", told
            )
        )

    def note_hand_over_in(
        self, uow: UnitOfWork, actor: Actor, *, people_count: int, pages_count: int
    ) -> None:
        """Write down, in the write that queues them, that segments go out by webhook.

        Raises NotPermitted.
        """
        access.require(actor, "segments.export")
        self._audit.append_in(
            uow, actor, "segments.hand_over", "segments", "done", "",
            {"people_count": people_count, "pages_count": pages_count},
        )  # fmt: skip

    def results(self, actor: Actor, campaign_id: str) -> CampaignResults:
        """Return what came of a campaign so far. Raises NotPermitted, NotFound."""
        access.require(actor, "campaigns.read")
        return self._store.read(lambda uow: results_in(uow, uow.campaigns.get(campaign_id)))

    def _require_somebody(self, campaign: Campaign) -> None:
        try:
            is_empty = self._audiences.is_empty(campaign.audience)
        except NotFound as fault:
            raise Conflict(reason="segments_gone") from fault
        if is_empty:
            raise Conflict(reason="empty_audience")

    def _check_texts(self, campaign: Campaign) -> None:
        """Refuse a letter there are no words for; a conversation has its own words."""
        for variant in campaign.variants:
            for channel, text_id in variant["texts"].items():
                if channel in IN_TALK:
                    continue
                try:
                    needed = self._contacts.needs(text_id)
                except KeyError:
                    raise InvalidInput(field="texts", unknown=text_id) from None
                if needed - FACTS:
                    raise InvalidInput(field="texts", unknown=",".join(sorted(needed - FACTS)))

    def _record_in(self, uow: UnitOfWork, actor: Actor, campaign: Campaign, action: str) -> None:
        self._audit.append_in(
            uow, actor, action, campaign.id, "done", "",
            {
                "message_class": str(campaign.message_class),
                "purpose": str(campaign.purpose),
                "budget_minor": campaign.budget_minor,
            },
        )  # fmt: skip


def _recall_page_in(campaign_id: str, after_id: str, uow: UnitOfWork) -> tuple[str, int]:
    sends: Sequence[Send] = uow.campaign_sends.list(
        campaign_id=campaign_id, state=SendState.SENT, id__gt=after_id, limit=_PAGE_ROWS
    )
    return (sends[-1].id if sends else ""), sum(recall_in(uow, send) for send in sends)
