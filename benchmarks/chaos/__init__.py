"""Transfers under kill -9: a server process, clients that retry, five checks, three mutants.

    run.py      starts the server, loads it, kills it, starts it again
    server.py   the process that is killed: POST /transfers over the real services and store
    mutants.py  three ways to get it wrong, applied inside that process only
    checks.py   the five checks, in SQL of their own: a broken bank must not grade itself

`python -m benchmarks.transfers_chaos` prints the figures; `tests/chaos` runs a small size and
the mutants with every `make test`.
"""
