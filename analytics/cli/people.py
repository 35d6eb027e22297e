"""Who sits at the terminal: a member of staff proves it with password and authenticator code.

A prompt hides what is typed. For scripts both come by standard input, one a line; they are never
taken from an option or the environment, where others on the machine may read them.
"""

from __future__ import annotations

import sys

import typer

from bank.bootstrap import Bank
from bank.cli.output import misuse
from bank.domain.actors import Actor


def identify(bank: Bank, login_name: str) -> Actor:
    """Return the member of staff, checked as at the console's door; the session ends at once.

    Raises WrongCredentials, TotpRequired, TotpEnrolmentRequired, RateLimited.
    """
    password, code = _typed(login_name)
    token, _ = bank.staff.login(login_name, password, code=code, ip_hash="terminal")
    try:
        return bank.sessions.verify(token).actor()
    finally:
        bank.sessions.end(token)


def _typed(login_name: str) -> tuple[str, str]:
    if sys.stdin.isatty():
        password = typer.prompt(f"Password of {login_name}", hide_input=True, err=True)
        return str(password), str(typer.prompt("Code of the authenticator app", err=True))
    lines = [sys.stdin.readline().rstrip("\r\n") for _ in range(2)]
    if not all(lines):
        raise misuse("Standard input needs two lines: the password, and the authenticator's code.")
    return lines[0], lines[1]
