"""Invented headlines about invented instruments, whose sentiment is known by construction.

    headlines.toml ──seed──▶ "Quillgate Foods operating loss narrowed to EUR 1.2 mn from EUR 4.5 mn"
                              good, because a loss became smaller

Which way something moved and whether more of it pleases decide, never a list of good words: costs
that fall are good news, and a profit "up less than hoped" is bad. Some templates and words are held
out; what learns never sees them. News of one instrument keep a leaning for some weeks, so that a
mood can be followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bank.demo.people import load, rng_of
from bank.domain.instruments import Instrument, InstrumentId, InstrumentKind, InstrumentState

BAD, NEUTRAL, GOOD = -1, 0, 1
#: How often each kind of template is drawn, and its sentiments.
_KINDS = {
    "move": 7, "pair": 5, "beside": 3, "trap": 6, "turned": 2, "despite": 2, "foreseen": 2,
    "event": 7, "plain": 17,
}  # fmt: skip
_LEAN_DAYS = 45
_FUNDS = frozenset({
    InstrumentKind.MONEY_MARKET, InstrumentKind.BOND_FUND, InstrumentKind.MIXED_FUND,
    InstrumentKind.EQUITY_FUND, InstrumentKind.THEME_FUND, InstrumentKind.COMMODITY,
})  # fmt: skip
#: What is never said of a fund: a fund has no plant, no orders and no board.
_COMPANY_KINDS = frozenset({"event", "trap", "turned"})
_COMPANY_SLOTS = ("{thing}", "{post}", "{count}", "{place}")
#: Companies are written about so many times as often as funds.
_COMPANY_WEIGHT = 6
#: A draw that leans the other way is drawn again, so many times at most.
_REDRAWS_MOST = 3


@dataclass(frozen=True, slots=True)
class InventedHeadline:
    """A headline and what is true of it.

    sentiment: -1, 0 or 1. template: by which it was built. is_held_out: it and its words are kept
    for testing.
    """

    text: str
    sentiment: int
    instrument_id: InstrumentId
    published_at_utc: datetime
    source: str
    url: str
    template: str
    is_held_out: bool


def headlines(
    instruments: Sequence[Instrument],
    *,
    seed: int,
    count: int,
    until_utc: datetime,
    days: int = 90,
    held_out: bool = False,
) -> list[InventedHeadline]:
    """Return `count` headlines of the last `days`, oldest first; no two have the same text."""
    told = load("headlines")
    covered = [one for one in instruments if one.state is not InstrumentState.DELISTED]
    often = [1 if one.kind in _FUNDS else _COMPANY_WEIGHT for one in covered]
    found: dict[str, InventedHeadline] = {}
    for number in range(20 * count):
        if len(found) == count or not covered:
            break
        rng = rng_of(seed, f"headline:{held_out}:{number}")
        about = rng.choices(covered, often)[0]
        at_utc = until_utc - timedelta(minutes=rng.randrange(days * 24 * 60))
        one = _told(told, about, rng, at_utc, seed=seed, held_out=held_out, number=number)
        found.setdefault(one.text, one)
    return sorted(found.values(), key=lambda one: (one.published_at_utc, one.url))


def _told(
    told: dict[str, Any], about: Instrument, rng: Random, at_utc: datetime,
    *, seed: int, held_out: bool, number: int,
) -> InventedHeadline:  # fmt: skip
    lean = _lean(seed, about.id, at_utc)
    for _ in range(_REDRAWS_MOST):
        text, sentiment, template = _Line(told, about, rng, held_out=held_out).built()
        if lean * sentiment >= 0:
            break
    paper = rng.randrange(len(told["hosts"]))
    return InventedHeadline(
        text, sentiment, about.id, at_utc, told["papers"][paper],
        f"https://{told['hosts'][paper]}/{at_utc:%Y/%m/%d}/{number}", template, held_out,
    )  # fmt: skip


def _lean(seed: int, instrument_id: InstrumentId, at_utc: datetime) -> int:
    """Return what news of an instrument leans to in these weeks."""
    stretch = at_utc.toordinal() // _LEAN_DAYS
    return rng_of(seed, f"lean:{instrument_id}:{stretch}").choice((BAD, NEUTRAL, NEUTRAL, GOOD))


class _Line:
    """One headline being built: words are drawn, and what follows from them is kept."""

    def __init__(
        self, told: dict[str, Any], about: Instrument, rng: Random, *, held_out: bool
    ) -> None:
        self.told, self.rng, self.held_out = told, rng, held_out
        self.is_fund = about.kind in _FUNDS
        self.measures = told["measures"]["fund" if self.is_fund else "company"]
        self.who = issuer_of(about)
        self.slots: dict[str, str] = {}

    def built(self) -> tuple[str, int, str]:
        """Return text, sentiment and the template's name."""
        kinds = {
            kind: weight
            for kind, weight in _KINDS.items()
            if not (self.is_fund and kind in _COMPANY_KINDS)
        }
        kind = self.rng.choices(list(kinds), list(kinds.values()))[0]
        sentiment = self.rng.choice((GOOD, BAD))
        held = self.told["templates"][kind]
        if kind in {"event", "trap", "turned"}:
            key = "good" if sentiment == GOOD else "bad"
            key += "_held" if self.held_out else ""
        else:
            key = "held" if self.held_out else "learn"
        templates = held[key]
        suiting = [place for place, text in enumerate(templates) if self._suits(text)]
        place = self.rng.choice(suiting)
        self._words()
        self._measured(sentiment)
        self._figures(kind, sentiment)
        if kind == "plain":
            sentiment = NEUTRAL
        text = templates[place].format(who=self.who, **self.slots)
        return text[0].upper() + text[1:], sentiment, f"{kind}.{key}.{place}"

    def _suits(self, template: str) -> bool:
        return not (self.is_fund and any(slot in template for slot in _COMPANY_SLOTS))

    def _pick(self, table: dict[str, Any], key: str) -> str:
        held = table.get(f"{key}_held") if self.held_out else None
        return str(self.rng.choice(held or table[key]))

    def _words(self) -> None:
        words = self.told["words"]
        self.slots |= {name: self.rng.choice(words[name]) for name in words}
        period = self.slots["period"]
        self.slots["period_start"] = period[0].upper() + period[1:]
        self.slots["count"] = f"{self.rng.randrange(3, 900):,}"
        self.slots["good"] = self._pick(self.measures, "good")
        self.slots["bad"] = self._pick(self.measures, "bad")

    def _measured(self, sentiment: int) -> None:
        """Draw a measure and a direction that together are the sentiment."""
        pleases = self.rng.random() < 0.6
        is_up = (sentiment == GOOD) == pleases
        told, way = self.told, "up" if is_up else "down"
        self.slots["measure"] = self.slots["good" if pleases else "bad"]
        for slot in ("moved", "moves", "noun", "higher"):
            self.slots[slot] = self._pick(told[slot], way)
        self.slots["beside"] = self._pick(told["beside"], "above" if is_up else "below")
        for slot in ("noun", "higher"):
            self.slots[f"{slot}_start"] = self.slots[slot].capitalize()
        other = self.rng.random() < 0.5  # the lesser clause says the opposite
        other_way = "up" if (sentiment != GOOD) == other else "down"
        self.slots["measure2"] = self._pick(self.measures, "good" if other else "bad")
        self.slots["moved2"] = self._pick(told["moved"], other_way)
        self.slots["higher2"] = self._pick(told["higher"], other_way)
        self._is_up = is_up

    def _figures(self, kind: str, sentiment: int) -> None:
        """Draw two figures; of a pair, the order follows from the direction."""
        small = self.rng.randrange(5, 900)
        large = small + max(1, round(small * self.rng.uniform(0.03, 1.5)))
        is_up = self._is_up
        if kind == "trap":  # a loss that narrows is smaller now
            is_up = sentiment == BAD
        now, was = (large, small) if is_up else (small, large)
        write = self.rng.choice(_FIGURES)
        self.slots["now"], self.slots["was"] = write(now), write(was)
        share = self.rng.randrange(1, 60)
        self.slots["share"] = self.rng.choice(
            (f"{share} %", f"{share}%", f"{share} per cent", f"{share}.{share % 9} %")
        )


#: How papers write tenths of a million.
_FIGURES: tuple[Callable[[int], str], ...] = (
    lambda tenths: f"EUR {tenths / 10:.1f} mn",
    lambda tenths: f"EUR{tenths / 10:.1f}m",
    lambda tenths: f"{tenths / 10:.1f} million euros",
    lambda tenths: f"EUR {tenths * 100:,} thousand",
    lambda tenths: f"EUR {tenths / 100:.2f} bn",
)


def issuer_of(instrument: Instrument) -> str:
    """Return whom headlines speak of: a bond's issuer without the year it ends.

    >>> from types import SimpleNamespace as Thing
    >>> issuer_of(Thing(name="Quillgate Foods 2031", kind=InstrumentKind.BOND))
    'Quillgate Foods'
    """
    if instrument.kind is InstrumentKind.BOND:
        return instrument.name.rpartition(" ")[0]
    return instrument.name


def templates_of(*, held_out: bool) -> Iterator[str]:
    """Yield every template of one side, for a look that they do not meet."""
    for table in load("headlines")["templates"].values():
        for key, texts in table.items():
            if key.endswith("held") == held_out:
                yield from texts
