"""Which actions there are: every `actions/<skill>.py` lists its own in `ACTIONS`.

A skill is added by adding a file. Two actions of one name stop the start.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import actions
from actions.base import BankAction, BankForm, TurnReader

if TYPE_CHECKING:
    from bank.bootstrap import Bank

#: Modules of this package that are not skills.
_NOT_SKILLS = frozenset({"__main__", "base", "registry", "server", "slots", "domain_parts"})


def action_classes() -> list[type[BankAction | BankForm]]:
    """Return all action classes. Raises ValueError when two share a name."""
    classes: list[type[BankAction | BankForm]] = []
    for module in pkgutil.iter_modules(actions.__path__):
        if module.name in _NOT_SKILLS:
            continue
        # A helper of a skill (no ACTIONS) is welcome beside it.
        classes += getattr(importlib.import_module(f"actions.{module.name}"), "ACTIONS", [])
    names = [one.action_name for one in classes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"actions defined twice: {', '.join(twice)}")
    return classes


def make_actions(bank: Bank, *, turn_key: str) -> list[BankAction | BankForm]:
    """Return one instance of every action, at work in `bank`."""
    turns = TurnReader(turn_key)
    return [action(bank, turns) for action in action_classes()]
