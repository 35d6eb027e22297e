"""Fraud: payments scored from what was known before them, with reasons for staff alone.

    events.py        payments and labels             windows.py, confirmations.py, tracks.py
    state.py         what is remembered, online        counts, labels, habits: the parts of a state
    replay.py        the same state over the past    features.py, rows.py   a row and its sentences
    learning.py,     boosted trees for rare fraud    symmetric.py   one row in 20 µs, with reasons
    models.py          and the model that serves     prequential.py the honest test by time
    rules.py,        rules beside the model,         assessing.py   all of it for one payment
    snoozes.py         silenced for a while          feedback.py    what a desk says, unbiased
    aml/             shapes of laundering on the graph of transfers

Measured by `python -m benchmarks.fraud` and `python -m benchmarks.aml`.
"""
