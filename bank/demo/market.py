"""The invented universe: what the town's people can put their money into.

    market.toml ──seed──▶ instruments: all kinds, risk classes 1 to 7, fees, regions, sectors, tags
                                 └── closes_minor ──▶ the last price of each (closes.py)

A few are delisted, sanctioned or have no price: the assistant must cope with those. What an
instrument is depends on the seed and its number; number 17 of 200 is number 17 of 300 only within
one size, since kinds are shared out by size. No name, house or ticker belongs to anybody real.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from bank.demo.people import load, rng_of
from bank.domain.instruments import (
    Complexity,
    Instrument,
    InstrumentId,
    InstrumentKind,
    InstrumentState,
)

COUNT = 200
#: How many are not for sale any more, of each hundred; and how many nobody quotes.
_DELISTED, _SANCTIONED, _PRICELESS = 2, 1, 2
_RESPONSIBLE_SHARE = 0.3
_FUND_TAGS = {"weapons": 30, "fossil": 45, "tobacco": 20, "gambling": 12, "animal_testing": 25}
_TICKER_LETTERS = 6
_STYLES = ("Equity", "Quality Equity", "Dividend", "Value Equity", "Smaller Companies")


def instruments(
    seed: int,
    *,
    count: int = COUNT,
    closes_minor: Mapping[InstrumentId, int] | None = None,
    close_on_utc: datetime | None = None,
) -> list[Instrument]:
    """Return the universe in a fixed order, ids by number.

    closes_minor: last prices, of one unit; who is not in it has none. Without it each gets the
    price it started with, so that a market is whole before its history is written.
    """
    told = load("market")
    names: set[str] = set()
    tickers: set[str] = set()
    made = []
    for number, kind in enumerate(_kinds(told, count)):
        rng = rng_of(seed, f"instrument:{count}:{number}")
        one = _drawn(told, kind, number, rng, names)
        ticker = _ticker(one["name"], rng, tickers)
        state = _state(number, count, kind)
        close_minor: int | None = rng.randint(900, 24_000)
        if closes_minor is not None:
            close_minor = closes_minor.get(id_of(number))
        if _is_priceless(number, count):
            close_minor = None
        made.append(
            Instrument(
                id=id_of(number),
                ticker=ticker,
                kind=kind,
                currency="EUR",
                state=state,
                close_minor=close_minor,
                close_on_utc=close_on_utc if close_minor is not None else None,
                **one,
            )
        )
    return made


def id_of(number: int) -> InstrumentId:
    """Return the id of an instrument by its number.

    >>> id_of(7)
    'in_town0007'
    """
    return InstrumentId(f"in_town{number:04d}")


def _kinds(told: dict[str, Any], count: int) -> list[InstrumentKind]:
    """Return the kind of each number: in shares of the whole, what is left over are shares."""
    kinds = []
    for name, one in told["kinds"].items():
        kinds += [InstrumentKind(name)] * (count * int(one["share"]) // 1000)
    return (kinds + [InstrumentKind.SHARE] * count)[:count]


def _drawn(
    told: dict[str, Any], kind: InstrumentKind, number: int, rng: Random, names: set[str]
) -> dict[str, Any]:
    """Return the fields that follow from the kind and chance."""
    about = told["kinds"][kind]
    classes, often = zip(*about["risk"], strict=True)
    risk_class = int(rng.choices(classes, often)[0])
    sector = _sector(told, kind, rng)
    region = rng.choices(list(told["regions"]), list(told["regions"].values()))[0]
    if kind in (InstrumentKind.MONEY_MARKET, InstrumentKind.COMMODITY):
        region = "europe" if kind is InstrumentKind.MONEY_MARKET else "world"
    if region == "emerging":
        risk_class = min(risk_class + (risk_class >= 4), 7)
    is_esg = rng.random() < _RESPONSIBLE_SHARE
    complexity = Complexity(about["complexity"])
    if kind is InstrumentKind.BOND and risk_class >= 4:
        complexity = Complexity.COMPLEX
    low, high = about["fee_bp"]
    return {
        "name": _name(told, kind, rng, names, sector=sector, region=region, number=number,
                      is_esg=is_esg),
        "risk_class": risk_class,
        "complexity": complexity,
        "horizon_years_min": int(told["horizon_years"][str(risk_class)]),
        "fee_bp": round(low + (high - low) * rng.random() ** 2),
        "region": region,
        "sector": sector,
        "esg_score": _esg(told, kind, sector, rng, is_esg=is_esg),
        "tags": _tags(told, kind, sector, rng, is_esg=is_esg),
    }  # fmt: skip


def _sector(told: dict[str, Any], kind: InstrumentKind, rng: Random) -> str:
    if kind in (InstrumentKind.MONEY_MARKET, InstrumentKind.BOND_FUND):
        return "government" if rng.random() < 0.5 else "finance"
    if kind is InstrumentKind.COMMODITY:
        return "raw_materials"
    if kind in (InstrumentKind.MIXED_FUND, InstrumentKind.EQUITY_FUND):
        return "all"
    sectors = told["sectors"]
    return str(rng.choices(list(sectors), [one["weight"] for one in sectors.values()])[0])


def _name(
    told: dict[str, Any], kind: InstrumentKind, rng: Random, names: set[str],
    *, sector: str, region: str, number: int, is_esg: bool,
) -> str:  # fmt: skip
    """Return a name that nobody else has."""
    place = region.replace("_", " ").title()
    theme = sector.replace("_", " ").title()
    green = " Responsible" if is_esg else ""
    for _ in range(60):
        house = rng.choice(told["houses"])
        first, second = rng.choice(told["issuers"]["first"]), rng.choice(told["issuers"]["second"])
        word = rng.choice(told["sectors"][sector]["words"]) if sector in told["sectors"] else ""
        issuer = f"{first}{second} {word}".strip()
        name = {
            InstrumentKind.MONEY_MARKET: f"{house} Cash",
            InstrumentKind.BOND_FUND: f"{house}{green} {place} {theme} Bonds",
            InstrumentKind.MIXED_FUND: f"{house}{green} {place} Balanced {rng.randint(20, 80)}",
            InstrumentKind.EQUITY_FUND: f"{house}{green} {place} {rng.choice(_STYLES)}",
            InstrumentKind.THEME_FUND: f"{house}{green} {place} {theme}",
            InstrumentKind.COMMODITY: f"{house} {rng.choice(('Metals', 'Harvest', 'Ores'))} Basket",
            InstrumentKind.BOND: f"{issuer} {2028 + number % 9}",
            InstrumentKind.SHARE: issuer,
        }[kind]
        if name not in names:
            break
    else:
        name = f"{name} {number}"
    names.add(name)
    return name


def _ticker(name: str, rng: Random, tickers: set[str]) -> str:
    """Return six letters of a name that no other has."""
    letters = [one for one in name.upper() if one.isascii() and one.isalpha()]
    while True:
        rest = sorted(rng.sample(range(1, len(letters)), _TICKER_LETTERS - 1))
        ticker = letters[0] + "".join(letters[place] for place in rest)
        if ticker not in tickers:
            tickers.add(ticker)
            return ticker


def _esg(
    told: dict[str, Any], kind: InstrumentKind, sector: str, rng: Random, *, is_esg: bool
) -> int:
    low, high = told["sectors"].get(sector, {}).get("esg", (40, 75))
    if is_esg and kind not in (InstrumentKind.SHARE, InstrumentKind.BOND):
        low, high = max(low, 72), 95
    return rng.randint(low, high)


def _tags(
    told: dict[str, Any], kind: InstrumentKind, sector: str, rng: Random, *, is_esg: bool
) -> tuple[str, ...]:
    if kind is InstrumentKind.MONEY_MARKET or (is_esg and kind.endswith("_fund")):
        return ()
    chances = told["sectors"].get(sector, {}).get("tags", _FUND_TAGS)
    if sector == "government":
        return ()
    return tuple(sorted(tag for tag, chance in chances.items() if rng.random() * 100 < chance))


def _state(number: int, count: int, kind: InstrumentKind) -> InstrumentState:
    """Return what became of an instrument: of the shares, the last ones are gone."""
    delisted, sanctioned = (count * one // 100 for one in (_DELISTED, _SANCTIONED))
    if kind is InstrumentKind.SHARE and number >= count - delisted:
        return InstrumentState.DELISTED
    if kind is InstrumentKind.SHARE and number >= count - delisted - sanctioned:
        return InstrumentState.SANCTIONED
    return InstrumentState.LISTED


def _is_priceless(number: int, count: int) -> bool:
    return number % 50 == 49 and number < count - count * (_DELISTED + _SANCTIONED) // 100
