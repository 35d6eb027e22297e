"""All that is remembered of customers, payees and devices: one state, online and in replay.

    row = state.features(payment)     what was known when it was asked for; ~60 µs
    state.add(payment)                it happened: counted from now on
    state.learn(label)                it became known; usable once the payment is `delay` old

Online, `features` answers an authorisation and `add` follows; in training, replay.py calls the
same two for each payment of the past, so that offline and online rows are the same numbers.

Each call is O(1) amortised and touches three tracks. Time never runs back for a track: what
arrives late is counted at its track's newest moment, since that is when it became known; the hour
and weekday are the payment's own. A payment of the future would stop a customer's clock there, so
doors refuse one (`bank` gives the times, no customer does).

No pickle: a snapshot is a text of JSON lines, equal when read back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

from analytics.errors import BrokenModel
from analytics.fraud import rows
from analytics.fraud.events import DAY_S, Label, Payment
from analytics.fraud.tracks import BIG_SURPRISE, Customer, Payee, remember

#: Confirmation of fraud takes about a week: a statement is read, a form is sent.
DELAY_S = 7 * DAY_S
_FORMAT = "florin fraud state 1"

_Track = TypeVar("_Track", Customer, Payee)


class State:
    """Tracks by id. Not thread-safe: one writer; a row takes too little to be worth a lock."""

    def __init__(self, *, delay_s: int = DELAY_S) -> None:
        self.delay_s = delay_s
        self.customers: dict[str, Customer] = {}
        self.payees: dict[str, Payee] = {}
        self.devices: dict[str, Payee] = {}

    def features(self, payment: Payment) -> list[float]:
        """Return the row of `features.ALL`, from what happened and became known before.

        Moves the clocks of the customer's, payee's and device's tracks to the payment's time,
        and nothing else.
        """
        customer = self.customers.get(payment.customer) or _NEW_CUSTOMER
        payee = self.payees.get(payment.payee) or _NEW_PAYEE
        at_s = payment.at_s
        customer_s = max(at_s, customer.clock_s)
        return [
            *rows.payment_part(payment),
            *rows.customer_part(customer, payment, customer_s),
            *rows.payee_part(payee, payment, max(at_s, payee.clock_s)),
            *rows.device_part(
                self.devices.get(payment.device) if payment.device else None,
                customer, payment, customer_s,
            ),
            *rows.place_part(customer, payment, customer_s),
            *rows.money_part(payment),
        ]  # fmt: skip

    def add(self, payment: Payment) -> None:
        """Count a payment that happened."""
        customer = self.customers.get(payment.customer)
        if customer is None:
            customer = self.customers[payment.customer] = Customer()
        payee = self.payees.get(payment.payee)
        if payee is None:
            payee = self.payees[payment.payee] = Payee()
        amount = payment.amount_minor
        surprise = customer.is_surprising(amount)
        big = surprise and customer.is_surprising(amount, BIG_SURPRISE)
        payee.add(max(payment.at_s, payee.clock_s), amount, is_surprise=surprise, is_big=big)
        at_s = max(payment.at_s, customer.clock_s)
        if payment.device:
            device = self.devices.get(payment.device)
            if device is None:
                device = self.devices[payment.device] = Payee()
            device.add(max(payment.at_s, device.clock_s), amount, is_surprise=surprise, is_big=big)
            remember(device.customers, payment.customer, at_s)
            remember(customer.devices, payment.device, at_s)
        customer.add(at_s, amount)
        remember(customer.payees, payment.payee, at_s)
        if payment.place is not None:
            customer.be_at(payment.place)

    def learn(self, label: Label) -> None:
        """Take in a label; it counts once its payment is `delay_s` old, or when told, if later."""
        payment = label.payment
        usable_s = max(label.known_at_s, payment.at_s + self.delay_s)
        customer = self.customers.get(payment.customer)
        ordinary = customer is None or not customer.is_surprising(payment.amount_minor)
        for tracks, key in (
            (self.customers, payment.customer),
            (self.payees, payment.payee),
            (self.devices, payment.device),
        ):
            track = tracks.get(key)
            if track is not None:
                track.confirmed.learn(
                    max(usable_s, track.clock_s),
                    is_fraud=label.is_fraud,
                    is_ordinary=ordinary,
                    customer=payment.customer,
                )

    def save(self, file: Path) -> None:
        """Write a snapshot: the old one stays until the new one is whole."""
        unfinished = file.with_name(file.name + ".part")
        with unfinished.open("w", encoding="utf-8") as out:
            for line in self._lines():
                out.write(json.dumps(line, separators=(",", ":")) + "\n")
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)

    def _lines(self) -> Iterator[list[Any]]:
        yield [_FORMAT, self.delay_s, len(self.customers), len(self.payees), len(self.devices)]
        for tracks in (self.customers, self.payees, self.devices):
            for key, track in tracks.items():
                yield [key, track.as_json()]

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a snapshot. Raises BrokenModel: not one of ours, or cut short."""
        with file.open(encoding="utf-8") as lines:
            try:
                form, delay_s, *counts = json.loads(next(lines))
                if form != _FORMAT:
                    raise BrokenModel(f"{file.name} is not a snapshot of the fraud state.")
                made = cls(delay_s=delay_s)
                customers, payees, devices = counts
                made.customers = _read(lines, Customer.from_json, customers)
                made.payees = _read(lines, Payee.from_json, payees)
                made.devices = _read(lines, Payee.from_json, devices)
            except (StopIteration, ValueError, TypeError, IndexError) as fault:
                raise BrokenModel(
                    f"{file.name} is cut short or was changed; replay the payments instead."
                ) from fault
        return made


def _read(
    lines: Iterator[str], track_of: Callable[[list[Any]], _Track], count: int
) -> dict[str, _Track]:
    tracks = {}
    for _ in range(count):
        key, written = json.loads(next(lines))
        tracks[key] = track_of(written)
    return tracks


#: Stand for whom nobody has met: read, never written.
_NEW_CUSTOMER, _NEW_PAYEE = Customer(), Payee()
