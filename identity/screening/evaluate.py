"""How good the screening is: measured on name pairs, on the lists themselves, on plain customers.

    pairs            a CSV of judged name pairs (ours, or another's)      precision, recall, F1
    self-retrieval   listed names, disturbed                              found among the hits?
    plain customers  invented names of the demonstration branch           how many are hits?
    speed            milliseconds of CPU a name                           p50, p95

Two widespread measures stand beside ours, each at its best threshold on the same pairs, which
flatters them: rapidfuzz's token_set_ratio and Jaro-Winkler.
"""

from __future__ import annotations

import csv
import random
import statistics
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

import bank.demo
from identity.screening.index import build_index
from identity.screening.lists import ScreeningLists, load_lists
from identity.screening.matching import default_threshold, screen
from identity.screening.names import NameKind
from identity.screening.scoring import name_pair_score

SEED = 20_26
RETRIEVALS = 500
CUSTOMERS = 2_000
_KINDS = {
    "person": NameKind.PERSON, "company": NameKind.ORGANISATION, "vessel": NameKind.VESSEL,
    "organization": NameKind.ORGANISATION, "organisation": NameKind.ORGANISATION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairCase:
    """Two names and a judgement. `tier` is how sure the judge was (strong, medium, weak)."""

    a: str
    b: str
    kind: NameKind | None
    is_match: bool
    tier: str
    category: str


def evaluate_screening(folder: Path) -> dict[str, Any]:
    """Return every figure about screening; `folder` holds the lists and name_bench_cases.csv."""
    lists = load_lists(folder, keeps_cache=False)
    result: dict[str, Any] = {
        "list_version": lists.version,
        "counts": lists.counts,
        "names": lists.names_count,
        "threshold": default_threshold().score,
        "index_build_s": _build_s(lists),
        "speed": measure_speed(lists),
        "self_retrieval": measure_retrieval(lists),
        "plain_customers": measure_customers(lists),
    }
    cases = folder / "name_bench_cases.csv"
    if cases.is_file():
        result["pairs"] = evaluate_pairs(load_cases(cases))
    return result


def load_cases(path: Path) -> list[PairCase]:
    """Return the cases of a CSV with name1, name2, is_match, tier or quality, kind or schema."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            PairCase(
                a=row["name1"],
                b=row["name2"],
                kind=_KINDS.get((row.get("kind") or row.get("schema") or "").lower()),
                is_match=row["is_match"].lower() == "true",
                tier=(row.get("tier") or row.get("quality") or "").lower(),
                category=row.get("category") or row.get("case_group") or "",
            )
            for row in csv.DictReader(file)
        ]


def evaluate_pairs(cases: Sequence[PairCase]) -> dict[str, Any]:
    """Return precision, recall and F1 in all, by tier and by category, and the baselines' best."""
    threshold = default_threshold().score
    judged = [(case, name_pair_score(case.a, case.b, case.kind) >= threshold) for case in cases]
    groups: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    categories: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for case, said in judged:
        groups["all"].append((case.is_match, said))
        groups[case.tier].append((case.is_match, said))
        categories[case.category or "other"].append((case.is_match, said))
    return {
        "tiers": {name: rates(found) for name, found in groups.items()},
        "categories": {name: rates(found) for name, found in sorted(categories.items())},
        "baselines": {
            "token_set_ratio": _baseline(cases, _token_set),
            "jaro_winkler": _baseline(cases, _jaro_winkler),
        },
    }


def rates(judged: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    """Return the rates of (is a match, was said to be one). 0/0 counts as 1: nothing was wrong.

    With them the counts they are made of: hits, said (to match), matches (by the judge).
    """
    hits = sum(truth and said for truth, said in judged)
    said = sum(said for _, said in judged)
    truth = sum(truth for truth, _ in judged)
    precision = hits / said if said else 1.0
    recall = hits / truth if truth else 1.0
    both = precision + recall
    return {
        "cases": len(judged),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / both, 4) if both else 0.0,
        "hits": hits,
        "said": said,
        "matches": truth,
    }


def _token_set(a: str, b: str) -> float:
    return fuzz.token_set_ratio(a.casefold(), b.casefold()) / 100


def _jaro_winkler(a: str, b: str) -> float:
    return JaroWinkler.similarity(a.casefold(), b.casefold())


def _baseline(cases: Sequence[PairCase], measure: Callable[[str, str], float]) -> dict[str, Any]:
    """Return a measure's rates at the threshold that gives it the best F1 on these very cases."""
    scores = [(case, measure(case.a, case.b)) for case in cases]
    best: dict[str, Any] = {}
    for step in range(60, 100):
        judged = [(case.is_match, score >= step / 100) for case, score in scores]
        found = rates(judged)
        if not best or found["f1"] > best["all"]["f1"]:
            strong = [
                (case.is_match, score >= step / 100)
                for case, score in scores
                if case.tier == "strong"
            ]
            best = {"threshold": step / 100, "all": found, "strong": rates(strong)}
    return best


def _build_s(lists: ScreeningLists) -> float:
    began = time.process_time()
    build_index(lists.entries)
    return round(time.process_time() - began, 3)


def plain_customers(count: int, rng: random.Random) -> list[str]:
    """Return invented names of the demonstration branch's people."""
    text = (Path(bank.demo.__file__).parent / "names.toml").read_text(encoding="utf-8")
    names = tomllib.loads(text)
    return [f"{rng.choice(names['given'])} {rng.choice(names['family'])}" for _ in range(count)]


def measure_speed(lists: ScreeningLists, count: int = 300) -> dict[str, float]:
    """Return milliseconds of CPU a name, half listed and half plain, in a mixed order."""
    rng = random.Random(SEED)  # noqa: S311  a sample, no secret
    names = plain_customers(count // 2, rng)
    names += [rng.choice(lists.entries).names[0].text for _ in range(count - len(names))]
    rng.shuffle(names)
    began = time.process_time()
    screen(lists, "Ottilie Brandner")
    first_ms = (time.process_time() - began) * 1000  # the word tables are read once
    spent = []
    for name in names:
        began = time.process_time()
        screen(lists, name)
        spent.append((time.process_time() - began) * 1000)
    cuts = statistics.quantiles(spent, n=20)
    return {
        "p50_ms": round(cuts[9], 2),
        "p95_ms": round(cuts[18], 2),
        "max_ms": round(max(spent), 2),
        "first_ms": round(first_ms, 2),
    }


def measure_customers(lists: ScreeningLists) -> dict[str, float]:
    """Return the share of invented people, told without birth date, who are hits."""
    rng = random.Random(SEED)  # noqa: S311
    names = plain_customers(CUSTOMERS, rng)
    hit = sum(bool(screen(lists, name)) for name in names)
    return {"people": CUSTOMERS, "hit_rate": round(hit / CUSTOMERS, 4)}


def measure_retrieval(lists: ScreeningLists) -> dict[str, Any]:
    """Return the share of disturbed listed persons who are still found, by disturbance."""
    rng = random.Random(SEED)  # noqa: S311
    pool = [
        entry
        for entry in lists.entries
        if entry.kind is NameKind.PERSON and len(entry.names[0].text.split()) >= 2
    ]
    found: dict[str, list[bool]] = defaultdict(list)
    for entry in rng.sample(pool, min(RETRIEVALS, len(pool))):
        name = entry.names[0].text
        for disturbance, disturb in DISTURBANCES.items():
            disturbed = disturb(name, rng)
            if disturbed is None or disturbed == name:
                continue
            hits = screen(lists, disturbed)
            found[disturbance].append(any(hit.entry_id == entry.entry_id for hit in hits))
    table = {name: round(sum(some) / len(some), 4) for name, some in found.items()}
    everything = [one for some in found.values() for one in some]
    return {
        "recall": round(sum(everything) / len(everything), 4) if everything else 0.0,
        "queries": len(everything),
        "by_disturbance": table,
    }


def _reorder(name: str, rng: random.Random) -> str | None:
    parts = name.replace(",", " ").split()
    rng.shuffle(parts)
    return " ".join(parts)


def _typo(name: str, rng: random.Random) -> str | None:
    parts = name.replace(",", " ").split()
    long = [at for at, part in enumerate(parts) if len(part) >= 5]
    if not long:
        return None
    at = rng.choice(long)
    letters = list(parts[at])
    spot = rng.randrange(1, len(letters) - 1)
    match rng.randrange(4):
        case 0:
            letters[spot], letters[spot + 1] = letters[spot + 1], letters[spot]
        case 1:
            del letters[spot]
        case 2:
            letters.insert(spot, letters[spot])
        case _:
            letters[spot] = rng.choice("aeiorstn")
    parts[at] = "".join(letters)
    return " ".join(parts)


_OTHER_HANDS = (
    ("kh", "h"), ("y", "i"), ("ou", "u"), ("q", "k"), ("dj", "j"), ("ph", "f"), ("w", "v"),
    ("sh", "sch"), ("ee", "i"), ("mohammed", "muhammad"), ("muhammad", "mohamed"), ("u", "ou"),
    ("i", "y"), ("k", "c"), ("v", "w"), ("zh", "j"),
)  # fmt: skip


def _transliterate(name: str, rng: random.Random) -> str | None:
    text = name.casefold()
    fits = [(before, after) for before, after in _OTHER_HANDS if before in text]
    if not fits:
        return None
    before, after = rng.choice(fits)
    return text.replace(before, after, 1)


def _drop_middle(name: str, rng: random.Random) -> str | None:
    parts = name.replace(",", " ").split()
    if len(parts) < 3:
        return None
    # A list writes the surname first: the middle names are those after the first given name.
    del parts[rng.randrange(2, len(parts)) if "," in name else rng.randrange(1, len(parts) - 1)]
    return " ".join(parts)


def _join(name: str, rng: random.Random) -> str | None:
    parts = name.replace(",", " ").split()
    if len(parts) < 3:
        return None
    at = rng.randrange(len(parts) - 1)
    parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return " ".join(parts)


#: What careless hands do to a name. Returns None where it does not apply.
DISTURBANCES: dict[str, Callable[[str, random.Random], str | None]] = {
    "order": _reorder,
    "typo": _typo,
    "transliteration": _transliterate,
    "dropped_middle": _drop_middle,
    "joined": _join,
}
