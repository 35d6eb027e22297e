"""What a proposal asks the store about: the day's sum, the payee's first day, small transfers.

The rules themselves are in `bank.policies`; here are the figures they decide on.
"""

from __future__ import annotations

from datetime import datetime

from bank.domain.customers import Customer
from bank.domain.ids import CustomerId
from bank.domain.payees import Payee
from bank.domain.periods import day_start
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import cooling_off, limits, step_up
from bank.ports import UnitOfWork
from bank.services.blocks import must_step_up_in

#: What counts against a limit: what went out, and what may still.
_COUNTED = (TransferStatus.POSTED, TransferStatus.PROPOSED, TransferStatus.HELD)


def needs_step_up(
    uow: UnitOfWork, transfer: Transfer, *, payee: Payee | None, now_utc: datetime
) -> bool:
    """Whether this transfer asks for a step-up now; asked again at the confirmation."""
    if transfer.is_own or transfer.standing_order_id is not None:
        return False  # a standing order had its step-up when it was made
    if payee is None or not step_up.may_be_small(amount_eur_minor=transfer.amount_eur_minor):
        return True
    if must_step_up_in(uow, transfer.customer_id, now_utc=now_utc):
        return True
    known = not cooling_off.is_cooling_off(payee.added_at_utc, now_utc=now_utc) and (
        uow.transfers.first(
            customer_id=transfer.customer_id,
            payee_id=payee.id,
            status=TransferStatus.POSTED,
            needs_step_up=True,
        )
        is not None
    )
    return step_up.payee_transfer_needs_step_up(
        amount_eur_minor=transfer.amount_eur_minor,
        payee_is_known=known,
        since=_since_last_step_up(uow, transfer.customer_id),
    )


def check_limits(
    uow: UnitOfWork,
    *,
    payee: Payee | None,
    to_iban: str,
    amount_eur_minor: int,
    customer_id: CustomerId,
    now_utc: datetime,
) -> None:
    """Refuse what is over the tier's limits, or too much for a payee's first day.

    Raises LimitExceeded, PayeeCoolingOff.
    """
    customer: Customer = uow.customers.get(customer_id)
    spent_minor = uow.transfers.total(
        "amount_eur_minor",
        customer_id=customer_id,
        is_own=False,
        status=_COUNTED,
        proposed_at_utc__gte=day_start(now_utc),
    )
    limits.check_transfer(
        amount_eur_minor=amount_eur_minor,
        spent_day_eur_minor=spent_minor,
        kyc_tier=customer.kyc_tier,
    )
    if payee is None or not cooling_off.is_cooling_off(payee.added_at_utc, now_utc=now_utc):
        return
    # By IBAN: removing a payee and adding it again must not start the sum anew.
    sent_minor = uow.transfers.total(
        "amount_eur_minor",
        customer_id=customer_id,
        to_iban=to_iban,
        status=_COUNTED,
        proposed_at_utc__gte=cooling_off.starts_at(now_utc),
    )
    cooling_off.check(
        amount_eur_minor=amount_eur_minor,
        sent_eur_minor=sent_minor,
        added_at_utc=payee.added_at_utc,
        now_utc=now_utc,
    )


def _since_last_step_up(uow: UnitOfWork, customer_id: CustomerId) -> step_up.SmallTransfers:
    newest: list[Transfer] = uow.transfers.list(
        customer_id=customer_id,
        is_own=False,
        status=TransferStatus.POSTED,
        order_by="posted_at_utc",
        descending=True,
        standing_order_id=None,
        limit=step_up.in_a_row_max(),
    )
    total_minor = count = 0
    for transfer in newest:
        if transfer.needs_step_up:
            break
        total_minor += transfer.amount_eur_minor
        count += 1
    return step_up.SmallTransfers(total_minor, count)
