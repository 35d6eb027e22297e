"""Names and descriptions of segments in a language, from the codes of their traits.

    ("payments_a_month.high", "balance_minor_p50_90d.low")  ──▶  "Pays often, little money here"

One table a language: a code's short name and its sentence; a language is added by adding a table,
and a test sees that none lacks a code. Words are about money and habits, never about a person's
worth, and no segment is called after an age or a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.segments.profiles import Profile, Trait

Language = Literal["en"]


@dataclass(frozen=True, slots=True)
class Told:
    """A trait in words. name: lower case, to be joined; sentence has {middle} and {everybody}."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Words:
    """All words of a language."""

    codes: dict[str, Told]
    typical: Told
    join: str
    size: str


def _both(feature: str, high: str, low: str, what: str) -> dict[str, Told]:
    sentence = f"{what}: {{middle}}, of all customers {{everybody}}."
    return {f"{feature}.high": Told(high, sentence), f"{feature}.low": Told(low, sentence)}


_ENGLISH = Words(
    codes={
        **_both("payment_age_days", "long without a payment", "paid lately",
                "Days since the last payment"),
        **_both("login_age_days", "long away", "here lately", "Days since the last login"),
        **_both("payments_a_month", "pays often", "pays seldom", "Payments a month"),
        **_both("spent_minor_a_month", "spends much", "spends little", "Spent a month"),
        **_both("received_minor_a_month", "much comes in", "little comes in",
                "Received a month"),
        **_both("balance_minor_p50_90d", "keeps much here", "keeps little here",
                "Usually on all accounts"),
        **_both("savings_share", "saves more", "saves less", "Share that is savings"),
        **_both("accounts_count", "more accounts", "fewer accounts", "Open accounts"),
        **_both("cards_count", "more cards", "fewer cards", "Cards"),
        **_both("has_other_currency", "more other currencies", "fewer other currencies",
                "Share with another currency"),
        **_both("login_days_a_month", "often online", "seldom online",
                "Days with a login a month"),
        **_both("transfers_a_month", "sends often", "sends seldom",
                "Transfers to others a month"),
        **_both("tenure_days", "long with us", "new here", "Days with us"),
        **_both("salary_minor_a_month", "more pay here", "less pay here", "Pay a month"),
        **_both("fixed_costs_a_month", "many fixed costs", "few fixed costs",
                "Fixed costs a month"),
    },
    typical=Told("like most", "Nothing sets them far apart from all customers."),
    join=", ",
    size="{count} customers, {share} of all.",
)  # fmt: skip
LANGUAGES: dict[Language, Words] = {"en": _ENGLISH}

_NAME_TRAITS = 2


def names_of(profiles: tuple[Profile, ...], language: Language = "en") -> dict[str, str]:
    """Return a name of each segment by its id; no two are the same."""
    names: dict[str, str] = {}
    for one in profiles:
        spare = _stem(one, language, len(one.traits))
        options = [_stem(one, language, most) for most in range(_NAME_TRAITS, len(one.traits) + 1)]
        numbered = (f"{spare} ({number})" for number in range(2, len(profiles) + 2))
        taken = set(names.values())
        names[one.id] = next(text for text in (*options, spare, *numbered) if text not in taken)
    return names


def description_of(profile: Profile, language: Language = "en") -> str:
    """Return size and differences as sentences."""
    words = LANGUAGES[language]
    size = words.size.format(count=f"{profile.customers_count:,}", share=f"{profile.share:.0%}")
    told = [
        words.codes[one.code].sentence.format(
            middle=_value(one, one.middle), everybody=_value(one, one.everybody)
        )
        for one in profile.traits
    ]
    return " ".join([size, *(told or [words.typical.sentence])])


def label_of(feature: str, language: Language = "en") -> str:
    """Return what a feature measures, for the axis of a picture."""
    return LANGUAGES[language].codes[f"{feature}.high"].sentence.partition(":")[0]


def _stem(profile: Profile, language: Language, most: int) -> str:
    words = LANGUAGES[language]
    parts = [words.codes[one.code].name for one in profile.traits[:most]] or [words.typical.name]
    text = words.join.join(parts)
    return text[:1].upper() + text[1:]


def _value(trait: Trait, value: float) -> str:
    if "_minor" in trait.feature:
        return f"{value / 100:,.0f} EUR"
    if trait.feature in ("savings_share", "has_other_currency"):
        return f"{value:.0%}"
    return f"{value:,.0f}" if trait.feature.endswith("_days") else f"{value:,.1f}"
