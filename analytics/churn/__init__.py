"""Churn: will this customer close their last account within 90 days, when, and why.

    rows.py       the bank's past as rows: a customer at a moment, and what followed
    training.py   learn from older moments, measure on the newest whose 90 days are over
    survival.py   hazards by month: the curve of a group, the when of a customer
    scoring.py    one customer: probability, when, reasons as sentences

Never uses who somebody is: age, sex, country, nationality, name are not among the features and
change no score (tests/analytics/churn). They serve as slices of an evaluation only.
"""
