"""From what is remembered to a row of numbers, in the order of features.ALL.

Written flat and without loops over names: it runs for each payment, online and in replay.
"""

from __future__ import annotations

from math import nan, sqrt

from analytics.fraud.events import DAY_S, HOUR_S, Payment
from analytics.fraud.tracks import Customer, Payee, distance_km

_NIGHT_UNTIL_H = 6
_NO_DEVICE = [nan] * 6
_NO_PLACE = [nan] * 3
_NOT_DRAWN = [nan] * 2


def payment_part(payment: Payment) -> list[float]:
    day, second = divmod(payment.at_s, DAY_S)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    return [
        payment.amount_minor,
        second / HOUR_S,
        weekday,
        weekday >= 5,
        second <= _NIGHT_UNTIL_H * HOUR_S,
    ]


def customer_part(customer: Customer, payment: Payment, at_s: int) -> list[float]:
    hour, amount = at_s // HOUR_S, payment.amount_minor
    (n_1, s_1, _), (n_7, s_7, _), (n_30, s_30, q_30) = customer.windows.roll(hour)
    (v_1, _, _), (v_7, _, _), (v_14, b_14, _) = customer.surprises.roll(hour)
    confirmed = customer.confirmed
    known = confirmed.settle(at_s)
    mean_7 = s_7 / n_7 if n_7 else nan
    mean_30 = s_30 / n_30 if n_30 else nan
    sd = sqrt((n_30 * q_30 - s_30 * s_30) / (n_30 * (n_30 - 1))) if n_30 > 1 else nan
    peak = customer.peak.at(hour)
    times, habit = customer.times, customer.habit
    met = customer.payees.get(payment.payee)
    return [
        n_1, n_7, n_30, s_1, s_7, s_30, mean_7, mean_30, sd, peak,
        (amount - mean_30) / sd if n_30 > 1 and sd > 0 else nan,
        amount / mean_7 if s_7 else nan,
        amount / mean_30 if s_30 else nan,
        amount / peak if peak else nan,
        habit,
        amount / habit if habit > 0 else nan,
        customer.rank(amount),
        customer.count,
        at_s - times[-1] if times else nan,
        at_s - times[0] if len(times) == 5 else nan,
        sum(at_s - each < HOUR_S for each in times),
        v_1, v_7, v_14, b_14,
        known[2][1], known[4][1],
        _days(at_s, confirmed.last_fraud_s),
        met[0] if met else 0,
        (at_s - met[1]) / DAY_S if met else nan,
        len(customer.payees),
        customer.below_limit.roll(hour)[1][0],
    ]  # fmt: skip


def payee_part(payee: Payee, payment: Payment, at_s: int) -> list[float]:
    hour = at_s // HOUR_S
    (n_1, _, _), (n_7, s_7, _), (n_30, s_30, _) = payee.windows.roll(hour)
    (v_1, _, _), (v_7, _, _), (v_14, _, _) = payee.surprises.roll(hour)
    confirmed = payee.confirmed
    known = confirmed.settle(at_s)
    labels, frauds, ordinary = zip(*known, strict=True)
    return [
        n_1, n_7, n_30,
        s_7 / n_7 if n_7 else nan,
        s_30 / n_30 if n_30 else nan,
        payment.amount_minor / payee.usual if payee.usual > 0 else nan,
        at_s - payee.clock_s if payee.count else nan,
        _days(at_s, payee.first_s),
        v_1, v_7, v_14,
        *labels, *frauds, *ordinary,
        frauds[2] / labels[2] if labels[2] else nan,
        frauds[4] / labels[4] if labels[4] else nan,
        confirmed.recent_share,
        confirmed.run_length,
        _days(at_s, confirmed.run_began_s) if confirmed.run_length else nan,
        _days(at_s, confirmed.last_fraud_s),
        _days(at_s, confirmed.first_fraud_s),
        _days(at_s, confirmed.last_own_s),
        confirmed.defrauded_count(at_s),
    ]  # fmt: skip


def device_part(
    device: Payee | None, customer: Customer, payment: Payment, at_s: int
) -> list[float]:
    if not payment.device:
        return _NO_DEVICE
    met = customer.devices.get(payment.device)
    if device is None:
        return [0, 0, 0, met[0] if met else 0, nan, 0]
    (n_1, _, _), _, (n_30, _, _) = device.windows.roll(at_s // HOUR_S)
    return [
        n_1, n_30,
        len(device.customers),
        met[0] if met else 0,
        _days(at_s, device.first_s),
        device.confirmed.settle(at_s)[4][1],
    ]  # fmt: skip


def place_part(customer: Customer, payment: Payment, at_s: int) -> list[float]:
    if payment.place is None or customer.centre is None or customer.last_place is None:
        return _NO_PLACE
    from_last_km = distance_km(payment.place, customer.last_place)
    # Two payments in one minute at two ends of a street are no journey.
    elapsed_h = max(at_s - customer.clock_s, 60) / HOUR_S
    return [
        distance_km(payment.place, customer.centre),
        from_last_km,
        from_last_km / elapsed_h,
    ]


def money_part(payment: Payment) -> list[float]:
    """Return what came over from savings just before: people who are talked into it hurry."""
    if payment.drawn_at_s < 0 or payment.amount_minor <= 0:
        return _NOT_DRAWN
    return [payment.at_s - payment.drawn_at_s, payment.drawn_minor / payment.amount_minor]


def _days(now_s: int, then_s: int) -> float:
    """Return the days since then; NaN where `then_s` is negative: never."""
    return (now_s - then_s) / DAY_S if then_s >= 0 else nan
