"""What came of a campaign: states, reasons, arms, and the uplift over who was held out.

Counts of sends, each by an index; only the reasons are read row by row, a page at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bank.domain.campaigns import Campaign, Send, SendState
from bank.domain.experiments import Arm, Uplift, always_valid, uplift
from bank.ports import UnitOfWork

_PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResults:
    """What came of a campaign so far.

    arms: of each variant those who were sent to, and who of them responded.
    assigned, held_out: people of the audience that were meant to be contacted, and were not; the
    uplift compares these, whoever of the first was reached, so choice does not look like effect.
    against_first: each other variant beside the first, at a level for all of them together.
    uplift, always_valid_p: None without a hold-out, or before anybody was planned.
    """

    campaign: Campaign
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    arms: Mapping[str, Arm]
    assigned: Arm
    held_out: Arm
    uplift: Uplift | None
    always_valid_p: float | None
    against_first: Mapping[str, Uplift]


def results_in(uow: UnitOfWork, campaign: Campaign) -> CampaignResults:
    """Count what came of a campaign so far."""

    def count(**asked: object) -> int:
        return uow.campaign_sends.count(campaign_id=campaign.id, **asked)

    def responded(**asked: object) -> int:
        return count(**asked) - count(**asked, responded_at_utc=None)

    def arm(**asked: object) -> Arm:
        return Arm(count=count(**asked), hits=responded(**asked))

    codes = [variant["code"] for variant in campaign.variants]
    arms = {code: arm(variant=code, state=SendState.SENT) for code in codes}
    held_out = arm(state=SendState.HELD_OUT)
    # Everybody who is not held out has one row a channel, and answers on one of them.
    met = tuple(one for one in SendState if one is not SendState.HELD_OUT)
    assigned = Arm(count=-(-count(state=met) // len(campaign.channels)), hits=responded(state=met))
    both = bool(held_out.count and assigned.count)
    first = arms[codes[0]]
    others = {code: one for code, one in arms.items() if one is not first and one.count}
    return CampaignResults(
        campaign=campaign,
        states={str(state): count(state=state) for state in SendState},
        reasons=_reasons_in(uow, campaign.id),
        arms=arms,
        assigned=assigned,
        held_out=held_out,
        uplift=uplift(assigned, held_out) if both else None,
        always_valid_p=always_valid(assigned, held_out).p if both else None,
        against_first={
            code: uplift(one, first, comparisons_count=len(others))
            for code, one in others.items()
            if first.count
        },
    )


def _reasons_in(uow: UnitOfWork, campaign_id: str) -> dict[str, int]:
    """Return how often each reason stood in the way; a page in memory at a time."""
    counted: Counter[str] = Counter()
    after_id = ""
    while True:
        page: Sequence[Send] = uow.campaign_sends.list(
            campaign_id=campaign_id, state=SendState.REFUSED, id__gt=after_id, limit=_PAGE_ROWS
        )
        if not page:
            return dict(counted.most_common())
        counted.update(reason for send in page for reason in send.reasons)
        after_id = page[-1].id
