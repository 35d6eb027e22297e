"""Campaigns in the console: made by one, looked at on a real customer, approved by another, read.

    form ─ size, power ─▶ draft ─ preview ─▶ approved (somebody else) ─▶ results ─ stop

All rules are the bank's (bank/services/campaigns.py); nothing is sent from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from bank.delivery.texts import campaign_texts
from bank.domain.campaigns import ALL_BP, Campaign, CampaignState
from bank.domain.errors import InvalidInput, NotFound
from bank.domain.experiments import smallest_lift
from bank.policies.access import decide
from bank.policies.contacting import hold_out_share
from bank.policies.offers import offers
from web.api.errors import RequestRefused
from web.console import campaign_models as models
from web.guard import Caller, Door, Knock

_ENDED = (CampaignState.STOPPED, CampaignState.DONE)


async def campaigns(knock: Knock) -> models.CampaignList:
    """All campaigns, the newest first, and what a new one may be made of."""

    def read() -> models.CampaignList:
        found, names = knock.bank.campaigns.list(knock.actor), knock.bank.staff.names()
        return models.CampaignList(
            campaigns=[models.show_head(one, names) for one in found],
            form=models.form_facts(list(campaign_texts()), list(offers())),
            may_make=decide(knock.actor, "campaigns.make").allowed,
        )

    return await asyncio.to_thread(read)


async def campaign(knock: Knock) -> models.CampaignView:
    """One campaign, and what came of it so far."""
    return await asyncio.to_thread(lambda: _show(knock, _id(knock)))


async def make(knock: Knock) -> models.CampaignView:
    """Make a draft. Nothing of it can be edited afterwards, so what is approved is what runs."""

    def work() -> models.CampaignView:
        try:
            wish = models.to_wish(knock.body)
        except ValueError:
            raise RequestRefused(
                "invalid_input", HTTPStatus.BAD_REQUEST, starts_at="a moment"
            ) from None
        return _show(knock, knock.bank.campaigns.make(knock.actor, wish).id)

    return await asyncio.to_thread(work)


async def size(knock: Knock) -> models.SizeView:
    """How many fit an audience now, and what difference so many can show."""
    body: models.AskSize = knock.body
    if sum(body.shares_bp) != ALL_BP:
        raise InvalidInput(field="share_bp", allowed=f"a sum of {ALL_BP}")

    def read() -> models.SizeView:
        count = knock.bank.campaigns.size(knock.actor, body.audience.model_dump())
        held_out = round(count * hold_out_share())
        sent, base = count - held_out, body.base_percent / 100
        first, *others = variants = [sent * share_bp // ALL_BP for share_bp in body.shares_bp]
        return models.SizeView(
            count=count,
            held_out_count=held_out,
            against_held_out_points=_points(sent, held_out, base),
            variants=variants,
            against_first_points=[
                _points(first, other, base, comparisons_count=len(others)) for other in others
            ],
        )

    return await asyncio.to_thread(read)


async def reach(knock: Knock) -> models.ReachView:
    """How many of the audience could not be written to, and why; nothing is sent."""
    return await asyncio.to_thread(
        lambda: models.show_reach(knock.bank.campaigns.reach(knock.actor, _id(knock)))
    )


async def preview(knock: Knock) -> models.PreviewView:
    """What it would do with one customer now; nothing is sent."""
    body: models.AskPreview = knock.body

    def read() -> models.PreviewView:
        bank = knock.bank
        found = bank.campaigns.get(knock.actor, _id(knock))
        customer = bank.customers.find_by_login_name(knock.actor, body.login_name)
        if customer is None:
            raise NotFound(table="customers")
        shown = bank.campaigns.preview(knock.actor, found.id, customer.id)
        return models.show_preview(shown, customer.full_name)

    return await asyncio.to_thread(read)


async def approve(knock: Knock) -> models.CampaignView:
    """Let it run. Refused to whoever made it."""
    return await _act(knock, lambda id_: knock.bank.campaigns.approve(knock.actor, id_))


async def stop(knock: Knock) -> models.CampaignView:
    """End it for good; letters that still wait are taken back."""
    return await _act(knock, lambda id_: knock.bank.campaigns.stop(knock.actor, id_))


async def _act(knock: Knock, work: Callable[[str], object]) -> models.CampaignView:
    def run() -> models.CampaignView:
        work(_id(knock))
        return _show(knock, _id(knock))

    return await asyncio.to_thread(run)


def _show(knock: Knock, campaign_id: str) -> models.CampaignView:
    found = knock.bank.campaigns.results(knock.actor, campaign_id)
    one, names = found.campaign, knock.bank.staff.names()
    return models.CampaignView(
        head=models.show_head(one, names),
        audience=one.audience,
        fits_count=_fits_count(knock, one),
        variants=list(one.variants),
        approved_by=names.get(one.approved_by, one.approved_by) if one.approved_by else None,
        approved_at=one.approved_at_utc,
        ended_at=one.ended_at_utc,
        results=models.show_results(found),
        may_approve=_may_approve(knock, one),
        may_stop=_may(knock, one, "campaigns.stop"),
        may_preview=decide(knock.actor, "campaigns.preview").allowed,
    )


def _fits_count(knock: Knock, one: Campaign) -> int | None:
    """Return who fits a draft now, so that nobody approves an empty one unawares.

    None: not asked any more, or the version of its segments is gone.
    """
    if one.state is not CampaignState.DRAFT or not _may(knock, one, "campaigns.make"):
        return None
    try:
        return knock.bank.campaigns.size(knock.actor, one.audience)
    except NotFound:
        return None


def _may(knock: Knock, one: Campaign, action: str) -> bool:
    return decide(knock.actor, action).allowed and one.state not in _ENDED


def _may_approve(knock: Knock, one: Campaign) -> bool:
    is_other = one.made_by != knock.actor.id
    return is_other and one.state is CampaignState.DRAFT and _may(knock, one, "campaigns.approve")


def _points(first: int, second: int, base: float, *, comparisons_count: int = 1) -> float | None:
    """Return the smallest lift two groups can show, in percentage points, one decimal."""
    if not first or not second:
        return None
    # Two unequal groups tell as much as two equal ones of their harmonic mean.
    each = int(2 / (1 / first + 1 / second))
    lift = smallest_lift(
        people_count=each, base_share=base, comparisons_count=comparisons_count
    )  # fmt: skip
    return None if lift is None else round(lift * 100, 1)


def _id(knock: Knock) -> str:
    return knock.request.match_info["campaign_id"][:60]


_ONE = "/api/campaigns/{campaign_id}"
DOORS = [
    Door(
        "GET", "/api/campaigns", Caller.STAFF, campaigns, "All campaigns",
        answer=models.CampaignList,
    ),
    Door(
        "POST", "/api/campaigns", Caller.STAFF, make, "Make a campaign",
        body=models.MakeCampaign, answer=models.CampaignView,
    ),
    Door(
        "POST", "/api/campaigns/size", Caller.STAFF, size,
        "How many fit an audience, and what difference they can show",
        body=models.AskSize, answer=models.SizeView,
    ),
    Door(
        "GET", _ONE, Caller.STAFF, campaign, "One campaign and its results",
        answer=models.CampaignView,
    ),
    Door(
        "POST", f"{_ONE}/preview", Caller.STAFF, preview, "A campaign on one customer",
        body=models.AskPreview, answer=models.PreviewView,
    ),
    Door(
        "GET", f"{_ONE}/reach", Caller.STAFF, reach,
        "How many of a campaign's audience could not be written to, and why",
        answer=models.ReachView,
    ),
    Door(
        "POST", f"{_ONE}/approve", Caller.STAFF, approve, "Approve what somebody else made",
        answer=models.CampaignView,
    ),
    Door(
        "POST", f"{_ONE}/stop", Caller.STAFF, stop, "Stop a campaign for good",
        answer=models.CampaignView,
    ),
]  # fmt: skip
