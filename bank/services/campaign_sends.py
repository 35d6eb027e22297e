"""Campaign sends: planned once, looked at again when they go, and never sent twice.

    plan      ─ page of the audience ─▶ one Send a person and channel     (one write a page)
    send_due  ─ locks the campaign ─▶ contacts.py ─▶ outbox, refused, or later   (one write a batch)
    take      ─ the same, for what is said in a conversation: the conversation asks

A page's write moves `planned_until` along with its rows, so a planner that died, or a second one,
goes on behind it. The send, its count towards the cap, the budget and the letter in the outbox are
one write: a crash leaves all of them or none. A clock that is set back makes things wait, no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from bank.campaign_ports import Wording
from bank.domain import campaigns as rules
from bank.domain.actors import SYSTEM, Actor
from bank.domain.campaigns import Campaign, CampaignState, Send, SendId, SendState
from bank.domain.consents import IN_TALK, Channel
from bank.domain.errors import NotFound
from bank.domain.ids import CustomerId, make_id
from bank.domain.outbox import OutboxKind
from bank.policies import access
from bank.policies import contacting as policy
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.audiences import PAGE_ROWS, Audiences
from bank.services.contacts import Contacts
from bank.services.outbox import Outbox
from bank.services.wordings import Worded, Wordings

BATCH_ROWS = 100
_PUSHED = tuple(one for one in Channel if one not in IN_TALK)
_KINDS = {Channel.MAIL: OutboxKind.MAIL, Channel.SMS: OutboxKind.SMS}


@dataclass(frozen=True, slots=True)
class SendCounts:
    """What came of a run."""

    sent: int = 0
    refused: int = 0
    later: int = 0

    def __add__(self, other: SendCounts) -> SendCounts:
        return SendCounts(
            self.sent + other.sent, self.refused + other.refused, self.later + other.later
        )

    @property
    def looked_at(self) -> int:
        return self.sent + self.refused + self.later


class CampaignSends:
    """Plans and sends. The bank itself only."""

    def __init__(
        self, store: Store, *, clock: Clock, outbox: Outbox, audit: Auditor,
        audiences: Audiences, contacts: Contacts, wordings: Wordings,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._audit = audit
        self._audiences = audiences
        self._contacts = contacts
        self._wordings = wordings

    def use(self, wording: Wording) -> None:
        """Have letters said in other words from now on, where they are fit to be sent."""
        self._wordings.use(wording)

    def run_due(self) -> SendCounts:
        """Plan what has begun and is not planned, then send what is due, until nothing is."""
        states = (CampaignState.APPROVED, CampaignState.RUNNING)
        found: Sequence[Campaign] = self._store.read(lambda uow: uow.campaigns.list(state=states))
        for campaign in found:
            if not campaign.is_planned and campaign.starts_at_utc <= self._clock():
                try:
                    self.plan(SYSTEM, campaign.id)
                except NotFound:
                    continue  # its segments are not there (yet): it waits, the others do not
        total = SendCounts()
        while (batch := self.send_due(SYSTEM)).looked_at:
            total += batch
        return total

    def plan(self, actor: Actor, campaign_id: str, *, page_rows: int = PAGE_ROWS) -> int:
        """Make a Send for everybody in the audience; return how many were made now.

        Memory holds one page. Raises NotPermitted, NotFound, Conflict (not approved, or ended).
        """
        access.require(actor, "campaigns.run")
        made = 0
        while True:
            campaign: Campaign = self._store.read(lambda uow: uow.campaigns.get(campaign_id))
            rules.begin(campaign)
            if campaign.is_planned:
                return made
            last_id, chosen = self._audiences.page(
                campaign, after=campaign.planned_until, limit=page_rows
            )
            made += self._store.write(partial(self._page_in, actor, campaign, last_id, chosen))

    def send_due(self, actor: Actor, *, limit: int = BATCH_ROWS) -> SendCounts:
        """Look at what is due, at most `limit` of each running campaign, a write each.

        Several workers may call it at once: a campaign's batch is one worker's at a time.
        """
        access.require(actor, "campaigns.run")
        running: Sequence[Campaign] = self._store.read(
            lambda uow: uow.campaigns.list(state=CampaignState.RUNNING)
        )
        total = SendCounts()
        for campaign in running:
            if self._store.read(partial(self._has_work, campaign)):
                due = partial(self._due, campaign=campaign, limit=limit)
                worded = self._wordings.prepare(campaign, due)  # seconds: not in the write
                step = partial(self._batch_in, actor, campaign.id, limit, worded)
                total += self._store.write(step)
        return total

    def take(self, actor: Actor, channel: Channel) -> Send | None:
        """Return the one message to say to the customer now, as sent; None when there is none.

        For channels of a conversation. It is counted before it is said: dying in between loses a
        message rather than saying it twice.
        """
        access.require(actor, "campaigns.take")
        customer_id = actor.require_customer()
        assert channel in IN_TALK, channel

        def work(uow: UnitOfWork) -> Send | None:
            return self.take_in(uow, self.waiting_in(uow, customer_id, channel))

        if not self._store.read(lambda uow: self.waiting_in(uow, customer_id, channel)):
            return None
        return self._store.write(work)

    def waiting_in(self, uow: UnitOfWork, customer_id: str, channel: Channel) -> list[Send]:
        """Return what waits for a customer in a conversation, the longest first."""
        return uow.campaign_sends.list(
            customer_id=customer_id, channel=channel, state=SendState.PLANNED,
            due_at_utc__lte=self._clock(), order_by="due_at_utc",
        )  # fmt: skip

    def take_in(self, uow: UnitOfWork, waiting: Sequence[Send]) -> Send | None:
        """Settle these in turn until one is sent, in the caller's write; return that one.

        What is refused on the way stays refused. Holds the lock on the customer of what was sent.
        """
        for send in waiting:
            campaign: Campaign = uow.campaigns.get(send.campaign_id, lock=True)
            after, spent_minor = self._settle_in(uow, campaign, send)
            if spent_minor:
                uow.campaigns.save(_paid(campaign, spent_minor))
            if after.state is SendState.SENT:
                return after
        return None

    def respond(self, actor: Actor, campaign_id: str, customer_id: str) -> bool:
        """Note that a person did what the campaign hoped for; held out or not. Once a person.

        False where they were not of the audience, or it was noted before.
        """
        access.require(actor, "campaigns.respond")

        def work(uow: UnitOfWork) -> bool:
            sends: list[Send] = uow.campaign_sends.list(
                campaign_id=campaign_id, customer_id=customer_id
            )
            if not sends or any(one.responded_at_utc is not None for one in sends):
                return False
            meant = next((one for one in sends if one.state is SendState.SENT), sends[0])
            uow.campaign_sends.save(replace(meant, responded_at_utc=self._clock()))
            return True

        return self._store.write(work)

    def _page_in(
        self, actor: Actor, seen: Campaign, last_id: str, chosen: Sequence[str], uow: UnitOfWork
    ) -> int:
        campaign: Campaign = rules.begin(uow.campaigns.get(seen.id, lock=True))
        if campaign.is_planned or campaign.planned_until != seen.planned_until:
            return 0  # another planner was first with this page
        if not last_id:
            uow.campaigns.save(replace(campaign, is_planned=True))
            count = uow.campaign_sends.count(campaign_id=campaign.id)
            self._audit.append_in(
                uow, actor, "campaign.plan", campaign.id, "done", "", {"sends": count}
            )
            return 0
        sends = [send for one in chosen for send in self._sends(campaign, one)]
        uow.campaign_sends.add_many(sends)
        uow.campaigns.save(replace(campaign, planned_until=last_id))
        return len(sends)

    def _sends(self, campaign: Campaign, customer_id: str) -> list[Send]:
        """Return a person's sends: one a channel; a single one, never to go, of who is held out."""
        is_held_out = self._contacts.is_held_out(campaign, customer_id)
        channels = campaign.channels[:1] if is_held_out else campaign.channels
        variant = self._contacts.variant(campaign, customer_id)
        state = SendState.HELD_OUT if is_held_out else SendState.PLANNED
        return [
            Send(
                SendId(make_id("sd")), campaign.id, CustomerId(customer_id), Channel(channel),
                campaign.message_class, variant, state, campaign.starts_at_utc,
            )
            for channel in channels
        ]  # fmt: skip

    def _has_work(self, campaign: Campaign, uow: UnitOfWork) -> bool:
        if self._due(uow, campaign, limit=1):
            return True
        waits: dict[str, Any] = {"campaign_id": campaign.id, "state": SendState.PLANNED}
        return campaign.is_planned and uow.campaign_sends.first(**waits) is None

    def _due(self, uow: UnitOfWork, campaign: Campaign, *, limit: int) -> list[Send]:
        """Return what is due, the longest first; when the window is over, all that is left."""
        now_utc = self._clock()
        waits: dict[str, Any] = {"campaign_id": campaign.id, "state": SendState.PLANNED}
        if now_utc >= campaign.ends_at_utc:
            return uow.campaign_sends.list(**waits, limit=limit)
        return uow.campaign_sends.list(
            **waits, channel=_PUSHED, due_at_utc__lte=now_utc, order_by="due_at_utc", limit=limit
        )

    def _batch_in(
        self, actor: Actor, campaign_id: str, limit: int, worded: Mapping[str, Worded],
        uow: UnitOfWork,
    ) -> SendCounts:  # fmt: skip
        campaign: Campaign = uow.campaigns.get(campaign_id, lock=True)
        if campaign.state is not CampaignState.RUNNING:
            return SendCounts()  # stopped meanwhile
        total = SendCounts()
        for send in self._due(uow, campaign, limit=limit):
            after, spent_minor = self._settle_in(uow, campaign, send, worded.get(send.id))
            campaign = _paid(campaign, spent_minor)
            total += SendCounts(
                sent=after.state is SendState.SENT,
                refused=after.state is SendState.REFUSED,
                later=after.state is SendState.PLANNED,
            )
        waits = uow.campaign_sends.first(campaign_id=campaign.id, state=SendState.PLANNED)
        if campaign.is_planned and waits is None:
            campaign = replace(campaign, state=CampaignState.DONE, ended_at_utc=self._clock())
            self._audit.append_in(
                uow, actor, "campaign.end", campaign.id, "done", "",
                {"spent_minor": campaign.spent_minor},
            )  # fmt: skip
        uow.campaigns.save(campaign)
        return total

    def _settle_in(
        self, uow: UnitOfWork, campaign: Campaign, send: Send, worded: Worded | None = None
    ) -> tuple[Send, int]:
        """Send, refuse or put off one message; return it as it is now, and what it cost."""
        now_utc = self._clock()
        judged = self._contacts.judge_in(
            uow, campaign, send.customer_id, channel=send.channel, variant=send.variant,
            now_utc=now_utc, lock=True, worded=worded,
        )  # fmt: skip
        spent_minor = 0
        if judged.verdict.may:
            outbox_id = None
            if judged.words is not None:
                outbox_id = self._outbox.add_in(
                    uow, kind=_KINDS[send.channel], to=judged.address,
                    subject=judged.words.subject, body=judged.words.body,
                ).id  # fmt: skip
                if self._wordings.is_on:
                    told = {"text": judged.text_id, "is_worded": judged.is_worded}
                    self._audit.append_in(uow, SYSTEM, "campaign.letter", send.id, "done", "", told)
            spent_minor = policy.cost_minor(send.channel)
            after = replace(
                send, state=SendState.SENT, sent_at_utc=now_utc, outbox_id=outbox_id, reasons=()
            )
        else:
            after = _put_off(send, judged.verdict, now_utc)
        uow.campaign_sends.save(after)
        return after, spent_minor


def _put_off(send: Send, verdict: policy.Verdict, now_utc: datetime) -> Send:
    reasons = tuple(str(one) for one in verdict.reasons)
    if verdict.again_at_utc is None:
        return replace(send, state=SendState.REFUSED, reasons=reasons)
    return replace(send, due_at_utc=max(verdict.again_at_utc, now_utc), reasons=reasons)


def _paid(campaign: Campaign, spent_minor: int) -> Campaign:
    return replace(campaign, spent_minor=campaign.spent_minor + spent_minor)
