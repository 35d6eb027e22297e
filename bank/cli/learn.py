"""`florin nlu learn | models | rollback | reload`: the assistant learns from what staff labelled.

    learn      train a challenger, compare, let it serve only if it is better
    models     what serves, what was before, with figures
    rollback   let the model before serve again
    reload     let a running branch take up the model that serves; seconds without an assistant

What the steps are stands in learning.py, what is learnt in lessons.py, where models lie in
model_versions.py; this is the terminal.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bank.bootstrap import Bank, open_bank
from bank.cli import lessons as lesson_files
from bank.cli.learning import (
    SHIPPED,
    BotAssistant,
    Learner,
    Learning,
    Outcome,
    figures_of,
    roll_back,
)
from bank.cli.lessons import Lessons, Table
from bank.cli.model_versions import ModelCard, ModelVersions
from bank.cli.output import Json, err, misuse, out, print_json, refuse
from bank.cli.places import MODELS, ROOT
from bank.cli.supervision import Supervision
from bank.domain.actors import SYSTEM
from bank.domain.challengers import Judgement, joined
from bank.policies import readings as policy
from bank.settings import Settings, load_settings

NLU_DATA = ROOT / "nlu_data" / "nlu"
SHIPPED_TABLES = ROOT / "tests" / "nlu"
DONE = (Outcome.PROMOTED, Outcome.LEARNT_ALREADY, Outcome.NOTHING_TO_LEARN)
_SENTENCES = {
    Outcome.PROMOTED: "Promoted: the challenger serves from the next start on.",
    Outcome.NOTHING_TO_LEARN: "Nothing to learn: no labelled sentence is new. Staff label them in "
    "the console, under Language.",
    Outcome.LEARNT_ALREADY: "Nothing to learn: the model that serves has learnt these sentences.",
    Outcome.ROLLED_BACK_BEFORE: "These sentences were learnt and rolled back. Label more, or "
    "--again.",
}
_REFUSALS = {
    Judgement.TOO_FEW_HELD_OUT: "Refused: {held_out} labelled sentences are held out, and to judge "
    "it takes {own_min}. A fifth of all labels is held out: label more.",
    Judgement.NOT_BETTER: "Refused: the challenger understands no more of the bank's sentences.",
    Judgement.WORSE_ON_SHIPPED: "Refused: the challenger loses too many of the shipped sentences.",
}


def register(app: typer.Typer) -> None:  # noqa: C901  four commands, one after the other
    """Add the commands to `florin nlu`."""

    @app.command()
    def learn(
        *,
        holdout: Annotated[
            list[Path] | None,
            typer.Option(help="A table of your own to judge by too: text,category. Repeatable."),
        ] = None,
        again: Annotated[bool, typer.Option(help="Also what was judged before.")] = False,
        reload: Annotated[bool, typer.Option(help="Let a running branch take it up.")] = False,
        as_json: Json = False,
    ) -> None:
        """Train with the labelled sentences; serve the new model only if it is better."""
        tables = _tables(holdout or [])
        settings = load_settings()
        with _alone(), _opened(settings) as bank:
            learning = _learn(bank, tables, again=again)
            _record(bank, learning)
        promoted = learning.outcome is Outcome.PROMOTED
        reloaded = promoted and reload and _reload(settings)
        _print(learning, settings, reloaded=reloaded, as_json=as_json)
        raise typer.Exit(0 if learning.outcome in DONE else 1)

    @app.command()
    def models(*, as_json: Json = False) -> None:
        """List the models that were made from labels, and which one serves."""
        versions = ModelVersions(MODELS)
        live = versions.live_card()
        rows = [_row(versions, card, live) for card in versions.cards()]
        if as_json:
            print_json({"live": live.version if live else None, "models": rows})
            return
        if live is None:
            out.print("The model that serves was trained without a comparison (florin train).")
        for row in rows:
            out.print(_line(row), markup=False)

    @app.command()
    def rollback(
        *,
        to: Annotated[str | None, typer.Option(help="A version of `florin nlu models`.")] = None,
        reload: Annotated[bool, typer.Option(help="Let a running branch take it up.")] = False,
        as_json: Json = False,
    ) -> None:
        """Let the model before serve again."""
        settings, versions = load_settings(), ModelVersions(MODELS)
        if to is not None and to not in {card.version for card in versions.cards()}:
            raise misuse(f"There is no version {to}. `florin nlu models` lists them.")
        with _alone():
            card = roll_back(versions, to=to)
        if card is None:
            raise refuse("There is no model to go back to. `florin nlu models` lists them.")
        with _opened(settings) as bank:
            bank.readings.record_learning(SYSTEM, "model.rollback", {"version": card.version})
        reloaded = reload and _reload(settings)
        if as_json:
            print_json({"live": card.version, "reloaded": reloaded})
            return
        out.print(f"{card.version} serves from the next start on.")
        if not BotAssistant().is_current():
            out.print("The assistant's data has changed since: `florin train` trains it anew.")
        _say_how_to_reload(settings, reloaded=reloaded)

    @app.command("reload")
    def reload_command(*, as_json: Json = False) -> None:
        """Restart the assistant of a running branch, so that it takes up the model that serves."""
        reloaded = _reload(load_settings())
        if as_json:
            print_json({"reloaded": reloaded})
        if not reloaded:
            raise refuse("The branch is not running; the model is taken up by `florin up`.")


def _tables(own: list[Path]) -> list[Table]:
    """Return the shipped hold-outs and the bank's own tables."""
    for path in own:
        if not path.is_file():
            raise misuse(f"There is no file {path}. It needs the columns text,category.")
    try:
        return lesson_files.read_tables([*sorted(SHIPPED_TABLES.glob("holdout_*.csv")), *own])
    except ValueError as wrong:
        raise misuse(str(wrong)) from None


def _learn(bank: Bank, tables: list[Table], *, again: bool) -> Learning:
    versions, assistant = ModelVersions(MODELS), BotAssistant()
    if not versions.live.exists():
        raise refuse("There is no model yet. Run `florin train` first.")
    examples = bank.readings.examples(SYSTEM)
    withdrawn_count = lesson_files.without_withdrawn(versions.learnt, examples)
    if withdrawn_count:
        raise refuse(
            f"{withdrawn_count} learnt sentences were withdrawn since, by erasing a chat or taking "
            "back a label. Run `florin train`: it trains without them. Then learn."
        )
    if not assistant.is_current():
        raise refuse("The assistant's data has changed. Run `florin train` first, then learn.")
    lessons = lesson_files.sort_out(
        examples, known=lesson_files.own_sentences(NLU_DATA), tables=tables
    )
    rule, now_utc = policy.learning(), datetime.now(UTC)
    with err.status("learning …") as status:
        learner = Learner(versions, assistant, rule, now_utc, status.update)
        try:
            return learner.learn(lessons, tables, again=again)
        except RuntimeError as failure:
            raise refuse(f"It failed, and nothing has changed:\n{failure}") from None


def _record(bank: Bank, learning: Learning) -> None:
    """Write a judged challenger into the audit record."""
    if learning.card is None or not learning.duels:
        return
    action = "model.promote" if learning.outcome is Outcome.PROMOTED else "model.refuse"
    bank.readings.record_learning(
        SYSTEM, action,
        {"version": learning.card.version, "sentences_count": learning.card.learnt_count},
    )  # fmt: skip


def _print(learning: Learning, settings: Settings, *, reloaded: bool, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(learning))
        return
    _print_lessons(learning.lessons)
    if learning.duels:
        out.print(f"\n{'':24} sentences  champion        challenger      gained  lost  p")
    shown = learning.duels
    if len(shown) > 2:
        shown = (*shown, joined(shown[1:], SHIPPED))
    for duel in shown:
        row = figures_of(duel)
        sides = [
            f"{row[f'{side}_accuracy']:6.1%} ({row[f'{side}_confidence']:.2f}) "
            for side in ("champion", "challenger")
        ]
        out.print(
            f"{row['table']:24} {row['sentences']:9}  {'  '.join(sides)} {row['gained']:6}  "
            f"{row['lost']:4}  {row['mcnemar_p']:.3f}",
            markup=False,
        )
    if learning.duels:
        out.print("(accuracy, mean confidence in brackets; p by McNemar's exact test)\n")
    out.print(_sentence(learning), markup=False)
    if learning.outcome is Outcome.PROMOTED:
        _say_how_to_reload(settings, reloaded=reloaded)


def _sentence(learning: Learning) -> str:
    if learning.judgement in _REFUSALS and learning.outcome is Outcome.REFUSED:
        return _REFUSALS[learning.judgement].format(
            held_out=len(learning.lessons.held_out), own_min=policy.learning().own_min
        )
    return _SENTENCES[learning.outcome]


def _print_lessons(lessons: Lessons) -> None:
    out.print(f"{len(lessons.learnt)} sentences to learn, {len(lessons.held_out)} held out")
    for reason, count in lessons.left_out.items():
        out.print(f"{count} left out: {reason.replace('_', ' ')}")
    for text, intent, other in lessons.contradictions[:10]:
        out.print(f"  {text}: labelled {intent}, in nlu_data it is {other}", markup=False)


def _as_json(learning: Learning) -> dict[str, Any]:
    lessons = learning.lessons
    return {
        "outcome": learning.outcome,
        "judgement": learning.judgement,
        "version": learning.card.version if learning.card else None,
        "learnt": len(lessons.learnt),
        "held_out": len(lessons.held_out),
        "left_out": lessons.left_out,
        "contradictions": [
            {"text": text, "labelled": intent, "in_nlu_data": other}
            for text, intent, other in lessons.contradictions
        ],
        "tables": [figures_of(duel) for duel in learning.duels],
    }


def _row(versions: ModelVersions, card: ModelCard, live: ModelCard | None) -> dict[str, Any]:
    return {
        **asdict(card),
        "is_live": live is not None and card.version == live.version,
        "can_serve": versions.can_serve(card.version),
    }


def _line(row: dict[str, Any]) -> str:
    own = next(iter(row["figures"].get("duels", [])), None)
    figures = (
        f"own hold-out {own['champion_accuracy']:.1%} → {own['challenger_accuracy']:.1%}"
        if own
        else ""
    )
    state = "serves" if row["is_live"] else str(row["fate"]).replace("_", " ")
    kept = "" if row["can_serve"] else "  (not kept)"
    return f"{row['version']:18} {state:12} {row['learnt_count']:5} sentences  {figures}{kept}"


def _reload(settings: Settings) -> bool:
    """Restart the assistant of a running branch. False: none is running."""
    if not BotAssistant().is_current():
        raise refuse("The model was made from other data than today's. Run `florin train` first.")
    return Supervision(settings.home_dir.resolve()).restart("rasa")


def _say_how_to_reload(settings: Settings, *, reloaded: bool) -> None:
    running = Supervision(settings.home_dir.resolve()).pid() is not None
    if running and not reloaded:
        out.print("A branch is running: `florin nlu reload` lets it take up the model; it takes "
                  "some seconds, in which customers are asked to try again.")  # fmt: skip


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Bank]:
    bank = open_bank(settings)
    try:
        yield bank
    finally:
        bank.store.close()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Refuse while another process learns here."""
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".learn.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refuse("Another `florin nlu learn` is running here.") from None
        yield
