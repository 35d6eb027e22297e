"""Patterns of money laundering on the stream of transfers: who moves money in a suspicious shape.

    fan-in       many → one        fan-out     one → many
    cycle        a → b → … → a     structuring one sum cut into several alike
    pass-through in and out again, almost whole, soon

Each pattern is a watch that sees transfers one by one in order of time, remembers a bounded
window, and raises an alert with a sentence for staff. Nothing of it is ever told to a customer.
"""
