"""Small streams of payments for tests: made from a seed, with ties, late arrivals, late labels."""

from __future__ import annotations

import random

from analytics.fraud.events import DAY_S, Label, Payment, Place

BEGIN_S = 1_700_000_000 // DAY_S * DAY_S


def a_payment(number: int = 0, **other: object) -> Payment:
    values: dict[str, object] = {
        "payment_id": f"tr_{number}",
        "customer": "cu_amal",
        "payee": "pa_shop",
        "amount_minor": 2_000,
        "at_s": BEGIN_S + number,
    }
    return Payment(**{**values, **other})  # type: ignore[arg-type]


def a_stream(seed: int, count: int = 120, *, days: int = 40) -> list[Payment]:
    """Payments in order of arrival: every tenth arrives late, every seventh ties with the last."""
    draw = random.Random(seed)
    times = sorted(BEGIN_S + draw.randrange(days * DAY_S) for _ in range(count))
    for place in range(1, count):
        if place % 7 == 0:
            times[place] = times[place - 1]
        if place % 10 == 0:
            times[place] -= draw.randrange(3 * DAY_S)
    return [
        a_payment(
            number,
            customer=f"cu_{draw.randrange(4)}",
            payee=f"pa_{draw.randrange(5)}",
            amount_minor=int(draw.lognormvariate(8, 1.2)),
            at_s=at_s,
            device=draw.choice(["", "de_1", "de_2"]),
            place=draw.choice([None, Place(52.5, 13.4), Place(48.1, 11.6)]),
        )
        for number, at_s in enumerate(times)
    ]


def labels_of(payments: list[Payment], seed: int) -> list[Label]:
    """Labels of two thirds of the payments, told between a minute and 20 days later."""
    draw = random.Random(seed + 1)
    labels = [
        Label(one, draw.random() < 0.3, one.at_s + 60 + draw.randrange(20 * DAY_S))
        for one in payments
        if draw.random() < 0.67
    ]
    return sorted(labels, key=lambda label: label.known_at_s)
