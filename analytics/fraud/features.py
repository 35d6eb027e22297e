"""The features of a payment: name, unit, and the sentence a member of staff reads.

    c_  the customer's own windows and habit       p_  the payee or terminal
    d_  the device                                 g_  geography
    m_  the money it is paid with
    no prefix: the payment itself

All from the past alone: the payment that is asked about is never counted. Amounts are in minor
units of the payment's currency, times in days or seconds. NaN is "unknown": no device, no place,
never before.
"""

from __future__ import annotations

from collections.abc import Sequence

from analytics.fraud.confirmations import SPANS_DAYS
from analytics.tables.columns import Column, Kind, Schema

#: Unit of an amount: minor units of the payment's currency, whatever that is.
MINOR = "minor"


def _number(name: str, unit: str, phrase: str) -> Column:
    return Column(name, Kind.NUMBER, unit=unit, phrase=phrase)


def _flag(name: str, phrase: str) -> Column:
    return Column(name, Kind.FLAG, phrase=phrase)


_PAYMENT = (
    _number("amount_minor", MINOR, "an amount of {value} minor units"),
    _number("hour", "h", "the time of day, {value} h"),
    _number("weekday", "", "the day of the week ({value}, Monday is 0)"),
    _flag("weekend", "on a weekend: {value}"),
    _flag("night", "at night: {value}"),
)

_CUSTOMER = (
    _number("c_count_1d", "", "{value} own payments in the last day"),
    _number("c_count_7d", "", "{value} own payments in 7 days"),
    _number("c_count_30d", "", "{value} own payments in 30 days"),
    _number("c_sum_1d", MINOR, "{value} minor units spent in the last day"),
    _number("c_sum_7d", MINOR, "{value} minor units spent in 7 days"),
    _number("c_sum_30d", MINOR, "{value} minor units spent in 30 days"),
    _number("c_mean_7d", MINOR, "a usual own payment of {value} minor units in 7 days"),
    _number("c_mean_30d", MINOR, "a usual own payment of {value} minor units in 30 days"),
    _number("c_sd_30d", MINOR, "own amounts that vary by {value} minor units"),
    _number("c_max_30d", MINOR, "a largest own payment of {value} minor units in 30 days"),
    _number("c_z_30d", "sd", "an amount {value} standard deviations above the own mean"),
    _number("c_ratio_mean_7d", "", "an amount {value} times the own mean of 7 days"),
    _number("c_ratio_mean_30d", "", "an amount {value} times the own mean of 30 days"),
    _number("c_ratio_max_30d", "", "an amount {value} times the own largest of 30 days"),
    _number("c_habit", MINOR, "a habit of {value} minor units a payment"),
    _number("c_ratio_habit", "", "an amount {value} times the customer's habit"),
    _number("c_rank", "", "a share of {value} of own payments was as large"),
    _number("c_lifetime", "", "{value} own payments ever"),
    _number("c_since_last_s", "s", "{value} s since the last own payment"),
    _number("c_since_fifth_s", "s", "{value} s since the fifth last own payment"),
    _number("c_count_1h", "", "{value} own payments in the last hour"),
    _number("c_surprises_1d", "", "{value} surprisingly large payments in the last day"),
    _number("c_surprises_7d", "", "{value} surprisingly large payments in 7 days"),
    _number("c_surprises_14d", "", "{value} surprisingly large payments in 14 days"),
    _number("c_big_surprises_14d", "", "{value} very surprising payments in 14 days"),
    _number("c_fraud_7d", "", "{value} confirmed frauds of this customer in 7 days"),
    _number("c_fraud_30d", "", "{value} confirmed frauds of this customer in 30 days"),
    _number("c_since_fraud_d", "d", "{value} days since this customer's last confirmed fraud"),
    _number("c_pair_count", "", "{value} earlier payments to this payee"),
    _number("c_pair_d", "d", "{value} days since the last payment to this payee"),
    _number("c_payees", "", "{value} payees known to this customer"),
    _number("c_below_limit_7d", "", "{value} payments closely below the report limit in 7 days"),
)

_PAYEE = (
    _number("p_count_1d", "", "{value} payments at this payee in the last day"),
    _number("p_count_7d", "", "{value} payments at this payee in 7 days"),
    _number("p_count_30d", "", "{value} payments at this payee in 30 days"),
    _number("p_mean_7d", MINOR, "a mean at this payee of {value} minor units in 7 days"),
    _number("p_mean_30d", MINOR, "a mean at this payee of {value} minor units in 30 days"),
    _number("p_ratio_usual", "", "an amount {value} times what is usual at this payee"),
    _number("p_since_last_s", "s", "{value} s since anybody paid here"),
    _number("p_age_d", "d", "a payee known for {value} days"),
    _number("p_surprises_1d", "", "{value} surprising payments at this payee in the last day"),
    _number("p_surprises_7d", "", "{value} surprising payments at this payee in 7 days"),
    _number("p_surprises_14d", "", "{value} surprising payments at this payee in 14 days"),
    *(
        _number(f"p_labels_{days}d", "", f"{{value}} labels of this payee in {days} days")
        for days in SPANS_DAYS
    ),
    *(
        _number(f"p_fraud_{days}d", "", f"{{value}} confirmed frauds at this payee in {days} days")
        for days in SPANS_DAYS
    ),
    *(
        _number(
            f"p_ordinary_fraud_{days}d",
            "",
            f"{{value}} confirmed frauds of ordinary amounts at this payee in {days} days",
        )
        for days in SPANS_DAYS
    ),
    _number("p_fraud_share_7d", "", "a confirmed share of fraud of {value} here in 7 days"),
    _number("p_fraud_share_30d", "", "a confirmed share of fraud of {value} here in 30 days"),
    _number("p_recent_share", "", "a share of fraud of {value} among the latest labels here"),
    _number("p_run_length", "", "{value} confirmed frauds here without an honest payment between"),
    _number("p_run_d", "d", "{value} days since this run of frauds began"),
    _number("p_since_fraud_d", "d", "{value} days since the last confirmed fraud here"),
    _number("p_since_first_fraud_d", "d", "{value} days since the first confirmed fraud here"),
    _number("p_since_own_d", "d", "{value} days since the last payment here confirmed as honest"),
    _number("p_defrauded_30d", "", "{value} customers defrauded here in 30 days"),
)

_DEVICE = (
    _number("d_count_1d", "", "{value} payments from this device in the last day"),
    _number("d_count_30d", "", "{value} payments from this device in 30 days"),
    _number("d_customers", "", "{value} customers seen on this device"),
    _number("d_pair_count", "", "{value} earlier payments of this customer on this device"),
    _number("d_age_d", "d", "a device known for {value} days"),
    _number("d_fraud_30d", "", "{value} confirmed frauds from this device in 30 days"),
)

_GEOGRAPHY = (
    _number("g_from_centre_km", "km", "{value} km from where this customer usually is"),
    _number("g_from_last_km", "km", "{value} km from the last payment"),
    _number("g_speed_kmh", "km/h", "{value} km/h needed to be here since the last payment"),
)

_MONEY = (
    _number("m_drawn_s", "s", "{value} s since money came over from own savings"),
    _number("m_drawn_ratio", "", "{value} times the amount came over from own savings before"),
)

ALL = Schema((*_PAYMENT, *_CUSTOMER, *_PAYEE, *_DEVICE, *_GEOGRAPHY, *_MONEY))
#: What a stream of card payments has that knows neither devices, places nor savings.
CARDS = Schema((*_PAYMENT, *_CUSTOMER, *_PAYEE))

POSITION = {name: position for position, name in enumerate(ALL.names)}


def positions(schema: Schema) -> list[int]:
    """Return where a schema's features stand in a row of the state."""
    return [POSITION[name] for name in schema.names]


def named(row: Sequence[float]) -> dict[str, float]:
    """Return a row of the state by name, for rules and for people."""
    return dict(zip(ALL.names, row, strict=True))
