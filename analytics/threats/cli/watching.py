"""`florin threats watch SOURCE`: alerts as they come, and how fast lines are looked at.

    SOURCE     a file of access lines, CSV, JSON lines, Zeek's conn.log or syslog; .gz too
               -  standard input       udp:5514  tcp:5514  a port that takes lines
    --follow   go on as the file grows
    --tell     tell the bank of each alert: its SIEM, its alert desk, and bounded responses (the
               default where FLORIN_SIEM_URL is set); --only-print tells nobody
    --json     one JSON object an alert, and one of all counts at the end

A proposed response stands beside the alert it answers; only the bank that is told carries it out.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.live import Live
from rich.text import Text

from bank.cli.output import Json, err, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.threats.alerts import Alert, AlertSink
    from analytics.threats.reading.sources import Source
    from analytics.threats.responses import Response, Responses
    from analytics.threats.watching import Counts, Watch
    from bank.settings import Settings

SourceArgument = Annotated[str, typer.Argument(help="A file, -, udp:PORT or tcp:PORT.")]
_SHOWN_EVERY_S = 0.5
_COLOURS = {"info": "dim", "low": "cyan", "medium": "yellow", "high": "red", "critical": "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(
    source: SourceArgument,
    *,
    follow: Annotated[bool, typer.Option(help="Go on as the file grows.")] = False,
    rules: Annotated[Path | None, typer.Option(help="Thresholds instead of rules.toml.")] = None,
    responses: Annotated[Path | None, typer.Option(help="Instead of responses.toml.")] = None,
    tell: Annotated[
        bool | None, typer.Option("--tell/--only-print", help="Tell the bank of each alert.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Watch a source for scans, attacks in requests and logins that are not a customer's own."""
    from analytics.errors import AnalyticsError
    from analytics.threats.flows.scoring import FlowScoring
    from analytics.threats.keeping import find_flows, find_requests
    from analytics.threats.reading.sources import open_source
    from analytics.threats.responses import DEFAULT_FILE as RESPONSES
    from analytics.threats.responses import Responses, load_policy
    from analytics.threats.sinks import Several
    from analytics.threats.thresholds import DEFAULT_FILE as RULES
    from analytics.threats.thresholds import load_thresholds
    from analytics.threats.watching import Watch
    from bank.settings import load_settings

    settings = load_settings()
    folder = settings.threats_dir
    try:
        thresholds = load_thresholds(rules or RULES)
        policy = Responses(load_policy(responses or RESPONSES))
        requests, flows = find_requests(folder), find_flows(folder)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    try:
        opened = open_source(source, follow=follow)
    except (OSError, ValueError) as fault:
        raise misuse(str(fault)) from fault
    tells = bool(settings.siem_url) if tell is None else tell
    with ExitStack() as until_end:
        sinks: list[AlertSink] = [_Printing(policy, as_json=as_json)]
        if tells:
            sinks.append(until_end.enter_context(_bank_of(settings, responses or RESPONSES)))
        looking = Watch(
            thresholds, Several(sinks), requests=requests,
            flows=None if flows is None else FlowScoring(flows), live=opened.is_live,
        )  # fmt: skip
        began_s = time.monotonic()
        _run(opened, looking, quiet=as_json)
        _tell(looking.end(), policy, time.monotonic() - began_s, as_json=as_json)


@contextmanager
def _bank_of(settings: Settings, responses: Path) -> Iterator[AlertSink]:
    """Open the bank, and close it when nothing more is told."""
    from analytics.threats.bank_sink import BankSink
    from analytics.threats.responses import load_policy
    from bank.bootstrap import open_bank

    bank = open_bank(settings)
    try:
        yield BankSink(bank, policy=load_policy(responses))
    finally:
        bank.store.close()


class _Printing:
    """Prints alerts with what is proposed."""

    def __init__(self, responses: Responses, *, as_json: bool) -> None:
        self._responses = responses
        self._as_json = as_json

    def raise_alert(self, alert: Alert) -> None:
        proposed = self._responses.propose(alert, now_utc=alert.at_utc)
        if self._as_json:
            print_json({**alert.as_json(), "proposed": _written(proposed)})
            sys.stdout.flush()  # whoever reads the pipe wants it now
            return
        told = alert.as_json()
        line = Text(f"{told['at_utc'][:19]}  ")
        line.append(f"{told['severity']:<8}", style=_COLOURS[told["severity"]])
        line.append(f"  {alert.kind:<20} {alert.source_ip or alert.subject:<18} ")
        line.append(alert.sentence)
        if proposed is not None:
            line.append(f"  → {proposed.kind} {proposed.expires_s} s", style="magenta")
        out.print(line, soft_wrap=True)


def _run(source: Source, watch: Watch, *, quiet: bool) -> None:
    """Look at all that comes, until the end or until somebody stops it."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    # Only a person at a terminal sees the rate.
    shown = Live(console=err, auto_refresh=False, transient=True) if _is_seen(quiet) else None
    try:
        if shown is not None:
            shown.start()
        _look(source, watch, shown)
    except KeyboardInterrupt:
        pass
    finally:
        if shown is not None:
            shown.stop()
        source.close()
        watch.take_lines([], source.lost())  # what nobody came to read is lost too
        signal.signal(signal.SIGTERM, before)


def _look(source: Source, watch: Watch, shown: Live | None) -> None:
    at_s, lines_count = time.monotonic(), 0
    for lines in source.batches():
        watch.take_lines(lines, source.lost())
        if not lines:
            watch.rest()
        since_s = time.monotonic() - at_s
        if since_s < _SHOWN_EVERY_S:
            continue
        rate = (watch.counts.lines_count - lines_count) / since_s
        at_s, lines_count = time.monotonic(), watch.counts.lines_count
        watch.rest()
        if shown is not None:
            shown.update(Text(_rate(watch.counts, rate)), refresh=True)


def _is_seen(quiet: bool) -> bool:  # noqa: FBT001  one word, one meaning
    return err.is_terminal and not quiet


def _rate(counts: Counts, rate: float) -> str:
    lost = counts.malformed_count + counts.cut_count + counts.dropped_count
    return (
        f"{rate:10,.0f} lines/s   {counts.lines_count:,} lines   {counts.alerts_count:,} alerts   "
        f"{lost:,} malformed, cut or dropped"
    )


def _tell(counts: Counts, responses: Responses, took_s: float, *, as_json: bool) -> None:
    rate = counts.lines_count / max(took_s, 1e-9)
    refused = {str(why): count for why, count in responses.refused_count.items() if count}
    if as_json:
        told: dict[str, Any] = {
            **counts.as_json(), "lines_per_s": round(rate), "not_proposed": refused,
        }  # fmt: skip
        print_json({"summary": told})
        return
    out.print(
        f"{counts.lines_count:,} lines ({rate:,.0f}/s): {counts.flows_count:,} flows, "
        f"{counts.requests_count:,} requests, {counts.logins_count:,} logins; "
        f"{counts.alerts_count:,} alerts"
    )
    out.print(
        f"not looked at: {counts.malformed_count:,} malformed, {counts.dropped_count:,} dropped, "
        f"{counts.failed_count:,} failed; {counts.cut_count:,} cut, "
        f"{counts.skewed_count:,} with another time"
    )


def _written(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    return {
        "kind": str(response.kind), "subject": response.subject,
        "expires_s": response.expires_s, "reason": response.reason,
    }  # fmt: skip
