"""Reach: how many of a campaign's audience could not be written to, and why, before it is approved.

Looks at everybody where they are few, else at a sample drawn evenly, and says which. Only what
lasts is counted: quiet hours and the cap pass by themselves. Nothing is written or sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bank.domain.campaigns import Campaign
from bank.domain.consents import Channel
from bank.policies.contacting import PASSING, Reason
from bank.ports import UnitOfWork
from bank.services.contacts import Contacts, as_running

SAMPLE_MAX_COUNT = 2_000


@dataclass(frozen=True, slots=True)
class Reach:
    """count: people in the audience. looked_at_count: of these; all of them, or a sample.

    reasons: by channel, how many of those looked at each reason stands in the way of. One person
    may have several.
    """

    count: int
    looked_at_count: int
    reasons: Mapping[Channel, Mapping[Reason, int]]

    @property
    def is_whole(self) -> bool:
        return self.looked_at_count == self.count


def reasons_in(
    uow: UnitOfWork, contacts: Contacts, campaign: Campaign, ids: Sequence[str], *,
    now_utc: datetime,
) -> dict[Channel, dict[Reason, int]]:  # fmt: skip
    """Return by channel how many of these people each lasting reason stands in the way of."""
    state, at_utc = as_running(campaign, now_utc=now_utc)
    running = replace(campaign, state=state)
    found: dict[Channel, dict[Reason, int]] = {}
    for channel in map(Channel, campaign.channels):
        counted: Counter[Reason] = Counter()
        for one in ids:
            judged = contacts.judge_in(
                uow, running, one, channel=channel, variant=contacts.variant(campaign, one),
                now_utc=at_utc, lock=False,
            )  # fmt: skip
            counted.update(set(judged.verdict.reasons) - PASSING)
        found[channel] = {one: counted[one] for one in Reason if counted[one]}
    return found
