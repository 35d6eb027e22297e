"""`florin campaigns`: what is written to many, one of them on a real customer, what came of it.

florin campaigns list                       every campaign, the newest first
florin campaigns preview cp_… LOGIN_NAME    what it would do with this customer now
florin campaigns run                        plan what begins, send what is due
florin campaigns report cp_…                people, responses, and the uplift with its interval
florin campaigns fast-forward cp_…          the demo town: days go by, and its people answer

Campaigns are made and approved by staff, two of them; no command stands in for the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import entry_points
from typing import Annotated

import typer
from rich.table import Table

from bank.bootstrap import Bank, open_bank
from bank.campaign_ports import Segments
from bank.cli.output import Json, bars, out, print_json, refuse
from bank.demo.fast_forward import fast_forward
from bank.demo.truth import is_of_the_town
from bank.domain.actors import SYSTEM
from bank.domain.campaigns import Campaign
from bank.domain.errors import NotFound
from bank.domain.experiments import Arm, Uplift
from bank.services.campaign_results import CampaignResults
from bank.services.campaigns import Preview
from bank.settings import Settings, load_settings

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
    bank = _opened()
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
    counts = _opened().campaign_sends.run_due()
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


@app.command("fast-forward")
def fast_forwarded(
    campaign_id: str,
    *,
    days: Annotated[int, typer.Option(min=1, max=120, help="How many go by.")] = 30,
    as_json: Json = False,
) -> None:
    """Let a campaign's days go by in the demo town, whose people answer. Never in a real bank."""
    settings = load_settings()
    bank = open_bank(settings)
    if not is_of_the_town(settings.home_dir):
        raise refuse("Only the demo town can be wound forward; this bank has real days.")
    with bars() as bar:
        task = bar.add_task("days go by", total=1.0)
        counts = fast_forward(
            bank, campaign_id, days=days, segments=_segments(bank, settings),
            progress=lambda share: bar.update(task, completed=share),
        )  # fmt: skip
    if as_json:
        print_json(asdict(counts))
    else:
        out.print(f"{days} days: {counts.sent:,} sent, {counts.refused:,} refused")


def _opened() -> Bank:
    """Open the bank with the segments that audiences may name."""
    settings = load_settings()
    bank = open_bank(settings)
    if (segments := _segments(bank, settings)) is not None:
        bank.audiences.use(segments)
    return bank


def _segments(bank: Bank, settings: Settings) -> Segments | None:
    """Return the segments that something installed beside the bank has learnt."""
    for one in entry_points(group="florin.segments"):
        found: Segments = one.load()(bank.store, settings.segments_dir, clock=bank.clock)
        return found
    return None


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
