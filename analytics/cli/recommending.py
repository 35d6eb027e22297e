"""`florin advice`: what a customer would be recommended, at the terminal.

    for CUSTOMER      id or login name; --amount 5000, --years 2; nothing is kept, nobody is told

What is learnt and measured: `florin analytics learn-advice`, `evaluate advice | news | portfolio`.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bank.cli.output import Json, out, print_json, refuse

app = typer.Typer(no_args_is_help=True, help="Investments that fit a person, and why.")


@app.callback()
def _advice() -> None:
    """Keep `for` a command of its own."""


@app.command("for")
def for_customer(
    customer: Annotated[str, typer.Argument(help="The customer's id or login name.")],
    *,
    amount: Annotated[str, typer.Option(help="In euros.")] = "5000",
    years: Annotated[
        int | None, typer.Option(help="How long the money may stay; default: as they told.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a customer would be recommended, with reasons and what could happen."""
    from analytics.advice.serving import LateAdviser
    from bank.bootstrap import open_bank
    from bank.domain.actors import SYSTEM
    from bank.domain.errors import BankError
    from bank.domain.money import money_from_major
    from bank.settings import load_settings

    settings = load_settings()
    bank = open_bank(settings)
    bank.advice.use(LateAdviser(bank, home_dir=settings.home_dir))
    try:
        found = bank.store.read(
            lambda uow: uow.customers.find(customer) or uow.customers.first(login_name=customer)
        )
        if found is None:
            raise refuse(f"There is no customer {customer}.")
        advice = bank.advice.preview(
            SYSTEM, found.id, money_from_major(amount, "EUR"), horizon_years=years
        )
        names: dict[str, str] = {one.id: one.name for one in bank.investing.instruments()}
    except (BankError, ValueError) as refusal:
        raise refuse(f"No recommendation: {refusal}.") from refusal
    finally:
        bank.store.close()
    told = {
        "customer_id": advice.customer_id, "amount_minor": advice.amount_minor,
        "currency": advice.currency, "model_version": advice.model_version,
        "inputs": advice.inputs, "risk": advice.risk,
        "lines": [{**one, "name": names[one["instrument_id"]]} for one in advice.lines],
        "refused": {names.get(one, one): codes for one, codes in advice.refused.items()},
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    _show(told)


def _show(told: dict[str, Any]) -> None:
    for one in told["lines"]:
        reasons = ", ".join(each["code"] for each in one["reasons"])
        out.print(
            f"{one['weight_bp'] / 100:5.1f} %  {one['amount_minor'] / 100:>12,.2f} "
            f"{told['currency']}  {one['name']}  ({reasons})",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    risk = told["risk"]
    out.print(
        f"A bad year of twenty: {risk['var_year_minor'] / 100:,.2f} or more lost; worst fall of "
        f"{risk['history_years']} years {risk['drawdown_bp'] / 100:.1f} %; at the "
        f"horizon {risk['low_minor'] / 100:,.2f} to {risk['high_minor'] / 100:,.2f} in "
        "nine of ten courses.",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    for name, codes in told["refused"].items():
        out.print(
            f"not for them: {name} ({', '.join(codes)})",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    out.print(told["model_version"], markup=False, highlight=False, soft_wrap=True)
