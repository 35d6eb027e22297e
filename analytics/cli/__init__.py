"""`florin analytics`: the model house at the terminal.

    train MODEL       learn from the bank's own data, or from a table: --data F --target COL
    learn             the bank's own models that are missing, quickly (florin up does it)
    evaluate MODEL    how well, honestly: --folds, --test, --time; pictures, one HTML report
    score MODEL       probabilities and reasons for the rows of a file
    drift MODEL       what changed since the champion learnt
    retrain MODEL     a challenger from newer rows, compared, and proposed if it is better
    follow            what retraining as rows arrive would have given on a table in order
    models            versions with their cards
    promote, rollback which version serves; two people
    evaluate-uplift   whom an offer moves, on a table of a past trial
    learn-advice      what goes with whom, for recommendations; evaluate advice measures it
    news              what a headline says of whom; learn-news learns it; evaluate news
    segments          who behaves alike; train segments learns it; evaluate segments
    suspicion         what a customer's line gives to notice; learn-suspicion learns it
    retention         learn: effects of past campaigns; plan: who gets which offer

Libraries of learning take a second to load, so each command imports what it needs.
"""

from __future__ import annotations

import typer

from analytics.cli import (
    advising,
    drifting,
    evaluating,
    following,
    judging,
    learning,
    retaining,
    scoring,
    segmenting,
    suspecting,
    training,
    versions,
)

app = typer.Typer(no_args_is_help=True, help="What may happen: models, scores, drift.")

#: Each room adds its commands here: `room.register(app)`.
training.register(app)
learning.register(app)
evaluating.register(app)
scoring.register(app)
versions.register(app)
drifting.register(app)
retaining.register(app)
following.register(app)
suspecting.register(app)
advising.register(app)
judging.register(app)
segmenting.register(app)
