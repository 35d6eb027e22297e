"""The console's identity doors: an application as a whole, and the decision on it.

Every rule is the bank's (bank/services/kyc_desk.py): who may look, who holds the case, which
reasons there are, when two people must agree. What was decided reaches the applicant as a job that
is told like the checks' own (web/verdicts.py).
"""

from __future__ import annotations

import asyncio

from web.console.kyc_models import Decide, KycCase, show_kyc
from web.guard import Caller, Door, Knock
from web.keys import FEED


async def kyc(knock: Knock) -> KycCase:
    """The application behind an identity case."""
    return await asyncio.to_thread(_read, knock)


async def decide(knock: Knock) -> KycCase:
    """Approve, reject or ask again, with a coded reason."""
    body: Decide = knock.body

    def work() -> str:
        after = knock.bank.kyc.decide(
            knock.actor,
            _case_id(knock),
            outcome=body.outcome,
            reason_code=body.reason_code,
            note=body.note.strip(),
        )
        return str(after.conversation_id)

    conversation_id = await asyncio.to_thread(work)
    knock.request.app[FEED].wake(conversation_id)
    return await asyncio.to_thread(_read, knock)


def _read(knock: Knock) -> KycCase:
    view = knock.bank.kyc.case_view(knock.actor, _case_id(knock))
    return show_kyc(view, names=knock.bank.staff.names())


def _case_id(knock: Knock) -> str:
    return knock.request.match_info["case_id"]


DOORS = [
    Door(
        "GET", "/api/cases/{case_id}/kyc", Caller.STAFF, kyc,
        "The application behind an identity case", answer=KycCase,
    ),
    Door(
        "POST", "/api/cases/{case_id}/kyc/decision", Caller.STAFF, decide,
        "Decide on an application", body=Decide, answer=KycCase,
    ),
]  # fmt: skip
