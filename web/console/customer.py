"""The console's page of one customer, and what the churn model expects of them.

The two are apart: the page is there at once, the model's word comes when it is worked out and only
for those who may see it. Both looks are in the audit record, the second one before the answer.
"""

from __future__ import annotations

import asyncio

from web.console.customer_models import ChurnView, CustomerPageView, show_churn, show_page
from web.guard import Caller, Door, Knock
from web.keys import SCORES

CHURN = "churn"


async def customer(knock: Knock) -> CustomerPageView:
    """One customer as a whole."""

    def read() -> CustomerPageView:
        page = knock.bank.customer_pages.open(knock.actor, _customer_id(knock))
        return show_page(page, names=knock.bank.staff.names())

    return await asyncio.to_thread(read)


async def churn(knock: Knock) -> ChurnView:
    """How likely the customer leaves, and why. Never for the customer's ears."""
    room, customer_id = knock.request.app[SCORES], _customer_id(knock)

    def note() -> str:
        version = room.version_of(CHURN)
        knock.bank.customer_pages.note_churn_look(knock.actor, customer_id, version=version)
        return version

    if not await asyncio.to_thread(note):
        return ChurnView(state="no_model")
    score = await room.customer(CHURN, customer_id)
    return show_churn(score) if score else ChurnView(state="no_row")


def _customer_id(knock: Knock) -> str:
    return knock.request.match_info["customer_id"][:100]


_ONE = "/api/customers/{customer_id}"
DOORS = [
    Door(
        "GET", _ONE, Caller.STAFF, customer, "One customer as a whole", answer=CustomerPageView
    ),
    Door(
        "GET", f"{_ONE}/churn", Caller.STAFF, churn, "How likely a customer leaves, and why",
        answer=ChurnView,
    ),
]  # fmt: skip
