"""`florin analytics models, promote, rollback`: which versions there are, and which one serves.

models [MODEL]                                  all models, or the versions of one
models MODEL --version V                        its card
promote MODEL VERSION --by LOGIN --reason TEXT  one person proposes …
promote MODEL VERSION --by OTHER                … another one approves: it serves
promote MODEL VERSION --by OTHER --reject       … or rejects; --withdraw: the same person
rollback MODEL --by LOGIN --reason TEXT         the version before, by the same two steps
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.registry import Registry, Version
    from analytics.registry.promotion import Swaps
    from bank.bootstrap import Bank
    from bank.domain.promotions import Promotion

ModelArgument = Annotated[str, typer.Argument(help="The model's name.")]
ByOption = Annotated[str, typer.Option("--by", help="Login name of a member of staff.")]
ReasonOption = Annotated[str, typer.Option(help="Why; the second person reads it.")]
RejectOption = Annotated[bool, typer.Option("--reject", help="Say no to what waits.")]
WithdrawOption = Annotated[bool, typer.Option("--withdraw", help="Take one's own back.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(models)
    app.command()(promote)
    app.command()(rollback)


def models(
    model: Annotated[str | None, typer.Argument(help="A model's name; none: all.")] = None,
    *,
    version: Annotated[str | None, typer.Option(help="Show the card of this version.")] = None,
    as_json: Json = False,
) -> None:
    """List models, the versions of one, or show a card."""
    if version and not model:
        raise misuse("A version belongs to a model: florin analytics models MODEL --version V.")
    with refusals():
        registry = _registry()
        if model and version:
            _print_card(registry.get(model, version), as_json=as_json)
            return
        kept = [
            one for name in ([model] if model else registry.names())
            for one in registry.versions(name)
        ]  # fmt: skip
        if model and not kept:
            raise refuse(f"There is no model {model}. `florin analytics models` lists them.")
    rows = [_row(one) for one in kept if model or one.is_champion]
    if as_json:
        print_json({"models": rows})
        return
    for row in rows:
        out.print(_line(row), markup=False, soft_wrap=True)
    if not rows:
        out.print("No model yet: `florin analytics train MODEL` makes the first.")


def promote(
    model: ModelArgument,
    version: Annotated[str, typer.Argument(help="A version of `florin analytics models`.")],
    *,
    by: ByOption,
    reason: ReasonOption = "",
    reject: RejectOption = False,
    withdraw: WithdrawOption = False,
    as_json: Json = False,
) -> None:
    """Let another version serve: one person proposes, another one approves."""
    with refusals(), opened() as (bank, swaps):
        waiting = _waiting(bank, swaps, model)
        if waiting is not None and (waiting.act, waiting.to_version) != ("promote", version):
            raise refuse(_waits(waiting))
        promotion = _act(
            bank, swaps, waiting, by=by, reject=reject, withdraw=withdraw,
            propose=lambda actor: swaps.propose_promotion(actor, model, version, reason=reason),
        )  # fmt: skip
    _tell(promotion, as_json=as_json)


def rollback(
    model: ModelArgument,
    *,
    by: ByOption,
    to: Annotated[str | None, typer.Option(help="Default: the one that served before.")] = None,
    reason: ReasonOption = "",
    reject: RejectOption = False,
    withdraw: WithdrawOption = False,
    as_json: Json = False,
) -> None:
    """Let the version before serve again: one person proposes, another one approves."""
    with refusals(), opened() as (bank, swaps):
        waiting = _waiting(bank, swaps, model)
        if waiting is not None and (
            waiting.act != "rollback" or to not in (None, waiting.to_version)
        ):
            raise refuse(_waits(waiting))
        promotion = _act(
            bank, swaps, waiting, by=by, reject=reject, withdraw=withdraw,
            propose=lambda actor: swaps.propose_rollback(actor, model, to=to, reason=reason),
        )  # fmt: skip
    _tell(promotion, as_json=as_json)


def _act(
    bank: Bank, swaps: Swaps, waiting: Promotion | None, *, by: str, reject: bool,
    withdraw: bool, propose: Any,
) -> Promotion:  # fmt: skip
    """Do what this person may do next about the proposal, or make it."""
    from analytics.alerts import tell_swapped
    from analytics.cli.people import identify

    if (reject or withdraw) and waiting is None:
        raise refuse("Nothing waits for a word.")
    actor = identify(bank, by)
    promotion: Promotion
    if waiting is None:
        promotion = propose(actor)
    elif withdraw:
        promotion = swaps.promotions.withdraw(actor, waiting.id)
    elif reject:
        promotion = swaps.promotions.reject(actor, waiting.id)
    else:
        promotion = swaps.approve(actor, waiting)
    tell_swapped(bank.model_alerts, promotion)
    return promotion


def _waiting(bank: Bank, swaps: Swaps, model: str) -> Promotion | None:
    """Return what waits for a second person, after carrying out what was left half-way."""
    from analytics.alerts import tell_swapped
    from bank.domain.actors import SYSTEM

    tell_swapped(bank.model_alerts, swaps.finish(model))
    return bank.promotions.waiting(SYSTEM, model)


def _waits(waiting: Promotion) -> str:
    return (
        f"Another proposal waits: {waiting.act} {waiting.model} to {waiting.to_version}. "
        "It must be approved, rejected or withdrawn first."
    )


def _tell(promotion: Promotion, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "id": promotion.id, "act": promotion.act, "model": promotion.model,
                "from": promotion.from_version, "to": promotion.to_version,
                "state": promotion.state, "card_digest": promotion.card_digest,
                "serves": promotion.carried_out_at_utc is not None,
                "expires_at_utc": promotion.expires_at_utc.isoformat(),
            }
        )  # fmt: skip
        return
    said = {
        "proposed": "Proposed. Another person approves it by the same command with their --by, "
        f"until {promotion.expires_at_utc:%Y-%m-%d %H:%M} UTC.",
        "approved": "Approved by two people: it serves. Running servers follow by themselves.",
        "rejected": "Rejected. What served serves on.",
        "withdrawn": "Withdrawn. What served serves on.",
    }
    before = promotion.from_version or "nothing"
    out.print(f"{promotion.model}: {promotion.to_version} instead of {before}", markup=False)
    out.print(said[promotion.state])


def _row(one: Version) -> dict[str, Any]:
    card = one.card
    return {
        "model": one.name, "version": one.version, "serves": one.is_champion,
        "fate": card.fate, "reasons": list(card.fate_reasons), "recipe": card.recipe,
        "rows": card.window.rows_count, "positives": card.window.positives_count,
        "figures": {figure.name: round(figure.value, 4) for figure in card.figures},
        "measured_on": card.measured_on, "parent": card.parent, "can_serve": one.can_serve,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    state = "serves" if row["serves"] else str(row["fate"]).replace("_", " ")
    figures = "  ".join(f"{name} {value:.3f}" for name, value in row["figures"].items())
    kept = "" if row["can_serve"] else "  (files not kept)"
    return (
        f"{row['model']:14} {row['version']:18} {state:12} {row['recipe']:12} "
        f"{row['rows']:>9,} rows  {figures}{kept}"
    )


def _print_card(one: Version, *, as_json: bool) -> None:
    card = one.card.as_json()
    card.pop("reference")  # bins of every column: for drift, not for a reader
    if as_json:
        print_json({**card, "digest": one.card.digest, "serves": one.is_champion})
        return
    out.print(_line(_row(one)), markup=False, soft_wrap=True)
    for figure in one.card.figures:
        ends = f" ({figure.low:.4f} to {figure.high:.4f})" if figure.low is not None else ""
        out.print(f"  {figure.name:20} {figure.value:.4f}{ends}", markup=False)
    for key in ("measured_on", "window", "seed", "threshold", "permitted_use", "limits",
                "fate_reasons", "parent", "libraries", "files"):  # fmt: skip
        if card[key]:
            out.print(f"  {key:20} {card[key]}", markup=False)
    out.print(f"  {'features':20} {', '.join(one.card.schema.names)}", markup=False)
    out.print(f"  {'digest':20} {one.card.digest}", markup=False)


def _registry() -> Registry:
    from analytics.registry import Registry
    from bank.settings import load_settings

    return Registry(load_settings().registry_dir)


@contextmanager
def opened() -> Iterator[tuple[Bank, Swaps]]:
    from analytics.registry.promotion import Swaps
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    bank = open_bank(load_settings())
    try:
        yield bank, Swaps(_registry(), bank.promotions)
    finally:
        bank.store.close()


@contextmanager
def refusals() -> Iterator[None]:
    from analytics.errors import AnalyticsError
    from bank.domain.errors import BankError

    try:
        yield
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    except BankError as refusal:
        raise refuse(_SENTENCES.get(refusal.code, str(refusal))) from refusal


_SENTENCES = {
    "wrong_credentials": "The login name, the password or the code does not fit.",
    "second_person_needed": "It takes a second person: whoever proposed it cannot decide it.",
    "not_permitted": "This needs the role model_owner (approving and roll-back: or supervisor).",
    "invalid_text": "Say why with --reason, in at most 500 characters.",
}
