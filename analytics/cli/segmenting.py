"""`florin analytics train|evaluate segments` and `florin analytics segments`.

train segments         a new version from the bank's customers as of now; it serves
evaluate segments      how many, how stable, BIC of each number; nothing is kept
segments               the current version: names, sizes, who moved since it was learnt
    --out F.csv        who is in which now, to hand on
    --hand             the same by webhook, in pages (FLORIN_SEGMENTS_WEBHOOK)
    --rule R.json      a segment built by hand: how many are in it (with --out: who)
    --plots FOLDER     scatter, heat map, movement
    --versions         what is kept;  --use VERSION: let an older one serve
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    import pandas as pd

    from analytics.models import Progress
    from analytics.segments.learning import Segmentation
    from analytics.segments.matching import Movement
    from bank.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(segments)


def train(*, seed: int, as_json: bool) -> None:
    """Learn a version from the bank's customers as of now; it serves at once."""
    from analytics.errors import AnalyticsError
    from analytics.segments.storing import find, ids_ever, keep
    from bank.settings import load_settings

    settings = load_settings()
    folder = settings.segments_dir
    try:
        before, ever = find(folder), ids_ever(folder)
        with bars() as shown:
            task = shown.add_task("learning segments", total=1.0)
            found = _learn(
                settings, seed=seed, before=before, ever=ever,
                progress=lambda share: shown.update(task, completed=share),
            )  # fmt: skip
        kept = keep(found, folder)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    _tell(kept, as_json=as_json)


def evaluate(*, as_json: bool) -> None:
    """Measure what a version learnt now would be; nothing is kept."""
    from analytics.errors import AnalyticsError
    from bank.settings import load_settings

    try:
        with bars() as shown:
            task = shown.add_task("evaluating segments", total=1.0)
            found = _learn(
                load_settings(), progress=lambda share: shown.update(task, completed=share)
            )
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    _tell(found, as_json=as_json)


def segments(
    *,
    to: Annotated[Path | None, typer.Option("--out", help="A CSV to write.")] = None,
    rule: Annotated[Path | None, typer.Option(help="A JSON file of conditions.")] = None,
    plots: Annotated[Path | None, typer.Option(help="A folder for pictures.")] = None,
    show_versions: Annotated[bool, typer.Option("--versions", help="What is kept.")] = False,
    hand: Annotated[bool, typer.Option("--hand", help="Hand on by webhook, in pages.")] = False,
    use: Annotated[str | None, typer.Option(help="A version that is to serve.")] = None,
    as_json: Json = False,
) -> None:
    """Show the current segments, who moved, and hand them over."""
    from analytics.errors import AnalyticsError
    from analytics.segments import storing
    from bank.settings import load_settings

    if (show_versions or use) and (to or rule or plots or hand):
        raise misuse("--versions and --use go with none of --out, --hand, --rule and --plots.")
    settings = load_settings()
    if hand and not settings.segments_webhook:
        raise misuse("FLORIN_SEGMENTS_WEBHOOK names no address to hand segments to.")
    folder = settings.segments_dir
    try:
        if use is not None:
            storing.serve(folder, use)
        if use is not None or show_versions:
            kept, serves = storing.versions(folder), storing.current(folder)
            _tell_versions(kept, serves, as_json=as_json)
            return
        found = storing.find(folder)
        if found is None:
            raise refuse("No segments were learnt yet. Run: florin analytics train segments")
        _show(settings, found, to, rule, plots, hand=hand, as_json=as_json)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    except OSError as fault:
        raise refuse(f"{to or plots or folder} cannot be written: {fault.strerror}.") from fault


def _show(
    settings: Settings, found: Segmentation, to: Path | None, rule: Path | None,
    plots: Path | None, *, hand: bool, as_json: bool,
) -> None:  # fmt: skip
    from analytics.segments.handing import hand_over
    from analytics.segments.words import names_of

    now_utc = datetime.now(UTC)
    table, then = _tables(settings, (now_utc, found.as_of_utc))
    segments_now, names = found.assign(table), names_of(found.profiles)
    moved = _moved(found, then, segments_now)
    told = {**_as_json(found), "as_of_utc": now_utc.isoformat(), "moved": moved.as_json()}
    chosen = segments_now
    if rule is not None:
        built = _rule_of(rule)
        chosen = segments_now[built.members(table, segments_now)]
        told["rule"] = {**built.as_json(), "customers_count": len(chosen)}
    if plots is not None:
        from analytics.evaluation.pictures import save_pictures
        from analytics.segments.drawing import draw_movement, draw_profiles, draw_scatter

        drawn = (draw_scatter(found, table), draw_profiles(found), draw_movement(moved, names))
        save_pictures(drawn, plots)
    if to is not None:
        hand_over(to, chosen, found, names, as_of_utc=now_utc.isoformat(timespec="seconds"))
    if hand:
        told["pages_queued"] = _call_out(settings, chosen, found, names, now_utc)
    if as_json:
        print_json(told)
        return
    _print(found)
    if moved.stayed_share == moved.stayed_share:
        out.print(
            f"Since {found.as_of_utc:%Y-%m-%d} {moved.stayed_share:.0%} stayed in their segment.",
            markup=False,
        )
    if rule is not None:
        out.print(f"{told['rule']['name']}: {len(chosen):,} customers by rule.", markup=False)
    if to is not None:
        out.print(f"{len(chosen):,} customers written to {to}", markup=False)
    if hand:
        out.print(f"{len(chosen):,} customers wait in {told['pages_queued']} pages", markup=False)


def _call_out(
    settings: Settings, chosen: pd.Series, found: Segmentation, names: dict[str, str],
    now_utc: datetime,
) -> int:  # fmt: skip
    from analytics.segments.handing import call_out, pages_of
    from bank.bootstrap import open_bank

    pages = pages_of(chosen, found, names, as_of_utc=now_utc.isoformat(timespec="seconds"))
    bank = open_bank(settings)
    try:
        return call_out(bank.store, bank.outbox, pages, to=settings.segments_webhook)
    finally:
        bank.store.close()


def _moved(found: Segmentation, then: pd.DataFrame, now: pd.Series) -> Movement:
    from analytics.segments.matching import movement

    ids = [one.id for one in found.profiles]
    return movement(found.assign(then), now, ids_before=ids, ids_after=ids)


def _tables(settings: Settings, moments: tuple[datetime, ...]) -> list[pd.DataFrame]:
    from analytics.segments.features import segments_table
    from bank.bootstrap import open_bank

    bank = open_bank(settings)
    try:
        return [segments_table(bank.store, one) for one in moments]
    finally:
        bank.store.close()


def _learn(
    settings: Settings, *, progress: Progress, seed: int = 7,
    before: Segmentation | None = None, ever: tuple[str, ...] = (),
) -> Segmentation:  # fmt: skip
    from analytics.segments.learning import learn

    now_utc = datetime.now(UTC)
    [table] = _tables(settings, (now_utc,))
    return learn(table, as_of_utc=now_utc, before=before, ever=ever, seed=seed, progress=progress)


def _rule_of(path: Path) -> Any:
    from analytics.segments.rules import BadRule, Rule

    try:
        return Rule.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as fault:
        raise BadRule(f"{path} cannot be read as JSON.") from fault


def _as_json(found: Segmentation) -> dict[str, Any]:
    from analytics.segments.words import description_of, names_of

    names = names_of(found.profiles)
    return {
        "version": found.version, "learnt_as_of_utc": found.as_of_utc.isoformat(),
        "method": found.method, **found.facts,
        "segments": [
            {**one.as_json(), "name": names[one.id], "description": description_of(one)}
            for one in found.profiles
        ],
    }  # fmt: skip


def _tell(found: Segmentation, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(found))
        return
    _print(found)
    for one in found.facts["tried"]:
        aris = one["aris"]
        stable = f"stability {sum(aris) / len(aris):.3f} (least {min(aris):.3f})" if aris else ""
        out.print(f"{one['count']} segments: BIC {one['bic']:,.0f}  {stable}", markup=False)
    if not found.facts["is_stable"]:
        out.print("No number of segments is stable: other customers would give others.")


def _print(found: Segmentation) -> None:
    from analytics.segments.words import description_of, names_of

    names = names_of(found.profiles)
    head = f"segments {found.version}" if found.version else "segments, not kept"
    out.print(
        f"{head}: {len(found.profiles)}, stability {found.facts['stability']:.3f}", markup=False
    )
    for one in found.profiles:
        out.print(f"{one.id}  {names[one.id]}. {description_of(one)}", markup=False)


def _tell_versions(kept: tuple[str, ...], serves: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"versions": list(kept), "serves": serves})
        return
    for one in kept:
        out.print(f"{one}{'  serves' if one == serves else ''}", markup=False)
