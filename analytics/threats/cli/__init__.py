"""`florin threats`: what comes over the network, watched and judged.

    watch SOURCE          a file, -, a growing file, udp:PORT or tcp:PORT ──▶ alerts, with a rate
    train flows           learn what connections are normal, from a table: --data F --target COL
    train requests        learn what attacks in requests look like; no data needed
    evaluate flows        how well on a table the model has not seen
    evaluate requests     how well on families of attacks it was not taught

Libraries of learning take a second to load, so each command imports what it needs.
"""

from __future__ import annotations

import typer

from analytics.threats.cli import evaluating, training, watching

app = typer.Typer(no_args_is_help=True, help="Threats on the network: watch, learn, measure.")

watching.register(app)
training.register(app)
evaluating.register(app)
