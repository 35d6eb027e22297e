"""Transfers without the chat: the same services, the same rules, in two requests.

POST /api/transfers                  Idempotency-Key ─▶ 201 proposed (the same key: the same one)
POST /api/transfers/{id}/confirm     {} ─▶ 403 step_up_required + challenge_id, code on its way
{"code": "123456"} ─▶ 200 posted; again: 200, the same
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bank.domain.challenges import CodeProof
from bank.domain.money import Money
from bank.domain.transfers import KEY_MAX_CHARS, Transfer
from web.api.accounts import MoneyView, show_money
from web.api.errors import RequestRefused
from web.chat.models import IdText
from web.guard import Answer, Body, Caller, Door, Knock
from web.keys import LIMITS

KEY_MIN_CHARS = 8
KEY_HEADER = "Idempotency-Key"


class ProposeTransfer(Body):
    """To a payee of one's own list, or to another account of one's own."""

    # Bounds of a database integer; the bank says what may really be moved.
    amount_minor: Annotated[int, Field(ge=-(2**62), le=2**62)]
    currency: Annotated[str, StringConstraints(min_length=3, max_length=3)]
    payee_id: IdText | None = None
    to_account_id: IdText | None = None
    from_account_id: IdText | None = None
    reference: Annotated[str, StringConstraints(max_length=500)] = ""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.payee_id is None) == (self.to_account_id is None):
            raise ValueError("either payee_id or to_account_id")
        return self


class ConfirmTransfer(Body):
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None


class TransferView(Answer):
    id: str
    status: str
    amount: MoneyView
    payee_name: str
    to_iban_masked: str
    from_account_id: str
    reference: str
    needs_step_up: bool
    proposed_at: datetime
    expires_at: datetime
    posted_at: datetime | None


async def propose(knock: Knock) -> TransferView:
    """Reserve the amount; nothing moves yet."""
    body: ProposeTransfer = knock.body
    key = knock.request.headers.get(KEY_HEADER, "")
    if not KEY_MIN_CHARS <= len(key) <= KEY_MAX_CHARS or not key.isprintable():
        raise RequestRefused("idempotency_key_required", HTTPStatus.BAD_REQUEST)
    knock.request.app[LIMITS].check("transfer", knock.require_session().id)
    transfer = await asyncio.to_thread(
        lambda: knock.bank.transfers.propose(
            knock.actor,
            amount=Money(body.amount_minor, body.currency.upper()),
            payee_id=body.payee_id,
            to_account_id=body.to_account_id,
            from_account_id=body.from_account_id,
            reference=body.reference,
            idempotency_key=key,
        )
    )
    return show_transfer(transfer)


async def confirm(knock: Knock) -> TransferView:
    """Move the money, once, when the code for exactly this transfer is right."""
    body: ConfirmTransfer = knock.body
    knock.request.app[LIMITS].check("transfer", knock.require_session().id)
    proof = CodeProof(body.code) if body.code is not None else None
    transfer = await asyncio.to_thread(
        lambda: knock.bank.transfers.confirm(
            knock.actor, knock.request.match_info["transfer_id"], proof=proof
        )
    )
    return show_transfer(transfer)


def show_transfer(transfer: Transfer) -> TransferView:
    return TransferView(
        id=transfer.id,
        status=transfer.status.value,
        amount=show_money(transfer.amount),
        payee_name=transfer.payee_name,
        to_iban_masked=transfer.to_iban_masked,
        from_account_id=transfer.from_account_id,
        reference=transfer.reference,
        needs_step_up=transfer.needs_step_up,
        proposed_at=transfer.proposed_at_utc,
        expires_at=transfer.expires_at_utc,
        posted_at=transfer.posted_at_utc,
    )


DOORS = [
    Door(
        "POST", "/api/transfers", Caller.CUSTOMER, propose, "Propose a transfer",
        body=ProposeTransfer, answer=TransferView, status=201, headers=(KEY_HEADER,),
    ),
    Door(
        "POST", "/api/transfers/{transfer_id}/confirm", Caller.CUSTOMER, confirm,
        "Confirm a transfer", body=ConfirmTransfer, answer=TransferView, body_optional=True,
    ),
]  # fmt: skip
