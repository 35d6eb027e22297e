"""What was measured, part by part, as tables with its targets: what `identity evaluate` prints.

    figures of a part (identity/evaluate.py) ─▶ tables (identity/tables.py)

Targets are of the plan of this bank's onboarding. A figure without a target is told all the same.
Only words and places here: nothing is measured, nothing judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from identity.tables import Row, Table, each, seconds, share_of

Figures = Mapping[str, Any]


def tables_of(part: str, figures: Figures) -> list[Table]:
    """Return the tables of a part's figures. Raises KeyError (no such part)."""
    return list(_TABLES[part](figures))


def _mrz(figures: Figures) -> Iterator[Table]:
    photos, others = figures["photos_count"], figures["baselines"]

    def beside(name: str) -> str:
        return ", ".join(f"{tool} {one[name] / photos:.2f}" for tool, one in others.items())

    slow = ", ".join(
        f"{tool} {seconds(one['cpu_s_median'], one['cpu_s_p95'])}" for tool, one in others.items()
    )
    blank, failing = figures["blank_count"], figures["failing_count"]
    yield Table(
        f"Photographs of documents: the machine-readable zone (n = {photos})",
        (
            Row("document number, birth and expiry right",
                share_of(figures["key_fields"], photos), "≥ 0.97", beside("key_fields")),
            Row("every character right",
                share_of(figures["exact"], photos), "≥ 0.90", beside("exact")),
            Row(f"read where no zone is ({blank}), or said to hold where printed wrong ({failing})",
                str(figures["invented"]), "0"),
            Row("CPU a photo: median, 95 %",
                seconds(figures["cpu_s_median"], figures["cpu_s_p95"]), "≤ 2.5 s, ≤ 5 s", slow),
        ),
    )  # fmt: skip


def _faces(figures: Figures) -> Iterator[Table]:
    pairs, ours, plain = figures["pairs"], figures["ours"], figures.get("plain")
    targets = {"accuracy": "≥ 0.992", "fmr": "≤ 0.001", "fnmr": "≤ 0.04"}

    def beside(name: str) -> str:
        if plain is None:
            return ""
        return f"face_recognition at {plain['at_distance']}: {plain[name]['share']:.4f}"

    at = ours["at_distance"]
    rows = [
        Row(f"{label} at distance {at}", _share(ours[name]), targets[name], beside(name))
        for name, label in (("accuracy", "accuracy"), ("fmr", "FMR"), ("fnmr", "FNMR"))
    ]
    rows.append(
        Row("FNMR where FMR is 0.001 on these", _share(ours["fnmr_at_fmr_0.001"]), "≤ 0.04")
    )
    if "missing" in pairs:  # LFW's own protocol
        folds = ours["folds_accuracy"]
        told = f"{folds['mean']:.4f} ± {folds['deviation']:.4f}"
        rows.append(Row("accuracy, ten folds, threshold of the other nine", told, "≥ 0.992"))
        rows.append(Row("pairs left out: a photo is not there", str(pairs["missing"])))
    for size, spent in figures.get("cpu_ms", {}).items():
        told = ", ".join(f"{step} {value:.0f} ms" for step, value in spent.items())
        target = "≤ 300 ms together" if size == "4000x3000" else ""
        rows.append(Row(f"CPU, picture of {size}", told, target))
    threshold = figures["threshold"]
    source = f"{threshold['distance']}, a stated FMR of {threshold['stated_fmr']}"
    yield Table(
        f"Faces: pairs of public photos (n = {pairs['genuine']} of one person, "
        f"{pairs['impostor']} of two)",
        tuple(rows),
        (f"Threshold {source} ({threshold['source']}).",),
    )


def _liveness(figures: Figures) -> Iterator[Table]:
    films = figures["films"]
    yield Table(
        f"Liveness: drawn films (n = {films['honest']} honest, {films['of_each_attack']} of each "
        f"attack, from seed {films['first_seed']})",
        (
            Row("honest film asked again (BPCER)", _share(figures["bpcer"]), "≤ 0.05"),
            *(
                Row(f"attack accepted (APCER): {kind.replace('_', ' ')}", _share(rate), "≤ 0.05")
                for kind, rate in figures["apcer"].items()
            ),
            *(
                Row(f"not stopped: {kind.replace('_', ' ')}", _share(rate), "a stated limit")
                for kind, rate in figures["not_stopped"].items()
            ),
        ),
        ("Drawn films show that the rules do what they say, not how a forger fares.",),
    )


def _share(rate: Figures) -> str:
    """Return a share with the interval that came with it."""
    low, high = rate["interval"] if "interval" in rate else (rate["low"], rate["high"])
    return f"{rate['share']:.4f} ({low:.4f} – {high:.4f})"


def _screening(figures: Figures) -> Iterator[Table]:
    if "pairs" in figures:
        yield from _pairs(figures["pairs"], figures["threshold"])
    speed, found = figures["speed"], figures["self_retrieval"]
    customers, entries = figures["plain_customers"], sum(figures["counts"].values())
    by = ", ".join(
        f"{name.replace('_', ' ')} {share:.3f}" for name, share in found["by_disturbance"].items()
    )
    yield Table(
        f"Screening: lists in force ({entries:,} entries, {figures['names']:,} names)",
        (
            Row("CPU a name: median, 95 %", f"{speed['p50_ms']} ms, {speed['p95_ms']} ms",
                "≤ 20 ms over 20,000 names"),
            Row(f"listed persons found when disturbed (n = {found['queries']})",
                f"{found['recall']:.3f}", "", by),
            Row("invented customers with a hit",
                share_of(round(customers["hit_rate"] * customers["people"]), customers["people"])),
        ),
        (f"Lists {figures['list_version']}.",),
    )  # fmt: skip


def _pairs(pairs: Figures, threshold: float) -> Iterator[Table]:
    tiers, others = pairs["tiers"], pairs["baselines"]
    rows = []
    for tier, one in sorted(
        tiers.items(), key=lambda item: (item[0] == "all", item[0] != "strong")
    ):
        is_strong = tier == "strong"
        key = tier if tier in {"strong", "all"} else None

        def beside(name: str, key: str | None = key) -> str:
            told = (f"{tool} {found[key][name]:.3f}" for tool, found in others.items() if key)
            return ", ".join(told)

        label = f"{tier}, n = {one['cases']}"
        rows += [
            Row(f"precision ({label})", share_of(one["hits"], one["said"]),
                "≥ 0.97" if is_strong else "", beside("precision")),
            Row(f"recall ({label})", share_of(one["hits"], one["matches"]),
                "≥ 0.95" if is_strong else "", beside("recall")),
            Row(f"F1 ({label})", f"{one['f1']:.3f}", "", beside("f1")),
        ]  # fmt: skip
    yield Table(
        f"Screening: judged pairs of names, threshold {threshold:.2f}",
        tuple(rows),
        ("Beside: each measure at the threshold that suits it best on these very pairs.",),
    )
    yield Table(
        "Screening: F1 by kind of difference",
        tuple(
            Row(f"{name}, n = {one['cases']}", f"{one['f1']:.3f}", "",
                f"precision {one['precision']:.3f}, recall {one['recall']:.3f}")
            for name, one in sorted(
                pairs["categories"].items(), key=lambda one: (-one[1]["cases"], one[0])
            )
        ),
    )  # fmt: skip


def _documents(figures: Figures) -> Iterator[Table]:
    honest, reading, spent = figures["honest"], figures["reading"], figures["cpu_s"]
    yield Table(
        f"Our own documents: honest ones (n = {honest['count']})",
        (
            Row("sent to a person", _rate(honest["to_people"]), "≤ 0.05"),
            Row("sent to a person, or asked for another picture", _rate(honest["stopped"]),
                "", each(honest["reasons"])),
            *(
                Row(f"the same: {kind}", _rate(rate)) for kind, rate in honest["by_kind"].items()
            ),
            Row("document number, birth and expiry right", _rate(reading["key_fields"])),
            Row("every character of the zone right", _rate(reading["zone_exact"])),
            Row("CPU a document, all of these: median, 95 %",
                seconds(spent["median"], spent["p95"]), "≤ 2.5 s, ≤ 5 s"),
        ),
        (f"Hints on honest ones: {each(honest['hints']) or 'none'}.",),
    )  # fmt: skip
    caught = figures["contradictions_caught"]
    rows = [Row("check digit or field contradicted: all of them", _rate(caught), "1")]
    for tamper, one in figures["tampers"].items():
        named = one["named"]
        rows.append(
            Row(tamper.replace("_", " "), _rate(one["caught"]), "",
                f"named {named['hits']} of {named['of']}")
        )  # fmt: skip
    missed = ", ".join(f"{one['kind']} {one['seed']}" for one in figures["missed"])
    yield Table(
        f"Our own documents: tampered ones, caught (n = {figures['documents'] - honest['count']})",
        tuple(rows),
        (f"Contradictions that passed: {missed or 'none'}.",
         "Caught is not approved; named is the finding meant for it, whatever was decided."),
    )  # fmt: skip


def _rate(rate: Figures) -> str:
    return share_of(rate["hits"], rate["of"])


def _pictures(figures: Figures) -> Iterator[Table]:
    for title, one in figures.items():
        rows = []
        for name, value in one.items():
            if isinstance(value, Mapping) and "total" in value:
                told = share_of(value["count"], value["total"])
                spent = f"{value['cpu_s'] * 1000:.0f} ms of CPU" if value["cpu_s"] else ""
                rows.append(Row(name, told, _PICTURE_TARGETS.get(name, ""), spent))
            elif isinstance(value, Mapping):
                rows.append(Row(name.replace("_", " "), each(value) or "none"))
        yield Table(f"Pictures: {title}", tuple(rows))


#: Honest pictures that are asked again: what a customer is spared.
_PICTURE_TARGETS = {"honest": "≤ 0.05"}

_TABLES: Mapping[str, Callable[[Figures], Iterator[Table]]] = {
    "mrz": _mrz,
    "pictures": _pictures,
    "faces": _faces,
    "liveness": _liveness,
    "screening": _screening,
    "documents": _documents,
}
