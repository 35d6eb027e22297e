"""`florin campaigns`: what is written to many, one of them on a real customer, what came of it.

florin campaigns list                       every campaign, the newest first
florin campaigns preview cp_… LOGIN_NAME    what it would do with this customer now
florin campaigns run                        plan what begins, send what is due
florin campaigns report cp_…                people, responses, and the uplift with its interval

Campaigns are made and approved by staff, two of them; no command stands in for the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import typer
from rich.table import Table

from bank.bootstrap import open_bank
from bank.cli.output import Json, out, print_json
from bank.domain.actors import SYSTEM
from bank.domain.campaigns import Campaign
from bank.domain.errors import NotFound
from bank.domain.experiments import Arm, Uplift
from bank.services.campaigns import CampaignResults, Preview
from bank.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_campaigns(*, as_json: Json = False) -> None:
    """Show campaigns, the newest first."""
    told = [_told(one) for one in open_bank(load_settings()).campaigns.list(SYSTEM)]
    if as_json:
        print_json({"campaigns": told})
        return
    table = Table("id", "name", "class", "state", "window (UTC)", "spent of")
    for one in told:
        window = f"{one['starts_at_utc']} to {one['ends_at_utc']}"
        spent = f"{one['spent_minor']} of {one['budget_minor']}"
        named = (str(one[name]) for name in ("id", "name", "message_class", "state"))
        table.add_row(*named, window, spent)
    out.print(table)


@app.command()
def preview(campaign_id: str, login_name: str, *, as_json: Json = False) -> None:
    """Show what a campaign would do with one customer now. Nothing is sent."""
    bank = open_bank(load_settings())
    customer = bank.customers.find_by_login_name(SYSTEM, login_name)
    if customer is None:
        raise NotFound(table="customers")
    found = bank.campaigns.preview(SYSTEM, campaign_id, customer.id)
    if as_json:
        print_json(asdict(found))
    else:
        _print_preview(found)


@app.command()
def run(*, as_json: Json = False) -> None:
    """Plan what begins and send what is due, until nothing is."""
    counts = open_bank(load_settings()).campaign_sends.run_due()
    if as_json:
        print_json(asdict(counts))
    else:
        out.print(f"{counts.sent:,} sent, {counts.refused:,} refused, {counts.later:,} later")


@app.command()
def report(campaign_id: str, *, as_json: Json = False) -> None:
    """Show what came of a campaign so far."""
    results = open_bank(load_settings()).campaigns.results(SYSTEM, campaign_id)
    if as_json:
        print_json({**asdict(results), "campaign": _told(results.campaign)})
    else:
        _print_report(results)


def _print_preview(found: Preview) -> None:
    out.print(f"of the audience: {'yes' if found.is_member else 'no'}")
    out.print(f"held out: {'yes' if found.is_held_out else 'no'}; variant {found.variant}")
    for line in found.lines:
        out.print(f"\n{line.channel}: {', '.join(line.reasons) or 'would go'}", style="bold")
        if line.words is None:
            out.print(f"said by the conversation: {line.text_id}", markup=False)
        else:
            out.print(f"{line.words.subject}\n\n{line.words.body}", markup=False)


def _print_report(results: CampaignResults) -> None:
    campaign = results.campaign
    out.print(f"{campaign.name}: {campaign.state}", markup=False)
    out.print(", ".join(f"{count:,} {state}" for state, count in results.states.items()))
    if results.reasons:
        out.print("not sent because: " + _listed(results.reasons), markup=False)
    table = Table("people", "count", "responded", "share", "beside the first (95 %)")
    for code, arm in results.arms.items():
        table.add_row(f"variant {code}", *_arm(arm), _interval(results.against_first.get(code)))
    table.add_row("meant to be met", *_arm(results.assigned), "")
    table.add_row("held out", *_arm(results.held_out), "")
    out.print(table)
    if results.uplift is not None and results.always_valid_p is not None:
        out.print(
            f"uplift {_interval(results.uplift)}; p {results.always_valid_p:.4f}, "
            "which holds however often it is looked at"
        )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _arm(arm: Arm) -> tuple[str, str, str]:
    return f"{arm.count:,}", f"{arm.hits:,}", f"{arm.share:.2%}"


def _interval(found: Uplift | None) -> str:
    if found is None:
        return ""
    return f"{found.difference:+.2%} ({found.low:+.2%} to {found.high:+.2%})"


def _told(campaign: Campaign) -> dict[str, object]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "message_class": campaign.message_class.value,
        "purpose": campaign.purpose.value,
        "state": campaign.state.value,
        "starts_at_utc": campaign.starts_at_utc.isoformat(timespec="minutes"),
        "ends_at_utc": campaign.ends_at_utc.isoformat(timespec="minutes"),
        "spent_minor": campaign.spent_minor,
        "budget_minor": campaign.budget_minor,
        "made_by": campaign.made_by,
        "approved_by": campaign.approved_by,
    }
