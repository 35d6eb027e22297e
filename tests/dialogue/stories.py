"""Reads a dialogue test: one YAML file, one story. Misspelt keys are refused, not ignored.

    title: …                                   one sentence
    given: {login: password|strong|none, …}    see persona.py
    steps:
      - customer: text the customer types
      - button: title of a button in the last replies
      - code: right | wrong | "123456"         answers the open step-up challenge
      - logs_in: password | strong             in the middle of the conversation
      - staff_takes_over: name                 · staff_says: text · staff_hands_back: summary
      - event: EXTERNAL_greet                  web lets the bot speak; {EXTERNAL_x: {fact: …}} with facts
      - notice: money_back                     web tells what the bank itself noticed, of this kind
      - mailed_code: right | wrong             an applicant types the code of their newest mail
      - picture: ok | [blurred, …]             the picture that is needed, and what the look finds
      - liveness: done                         the movements before the camera
      - face: passed | [code, …]               the same of a customer, for a face key, and its answer
      - verdict: approved | {needs_retry: [code@kind]}       what the checks come to
      - kyc: {approve: reason}                 a colleague decides
      - credentials: name                      the form for name and password
      - opens_link: mail                       the newest mailed link, in a new conversation
      - staff_decides: genuine | fraud         a colleague decides the customer's alert
      - minutes_later: 10                      the bank's clock, not Rasa's
      - bot: utter_x | [utter_x, utter_y]      exactly these, in order ([] for silence), and with
        says: [...] never: [...] kind: step_up buttons: [...]       (all optional; over all replies)
      - then: {balance: …}                     facts of the bank, see facts.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bank.yaml_text import read_yaml

TAXONOMY = (
    "happy_path", "corrections", "cancellations", "digressions", "disambiguation",
    "invalid_input", "refusals", "handoff", "attacks", "spanish",
)  # fmt: skip
ACTS = frozenset(
    {"customer", "button", "code", "logs_in", "staff_takes_over", "staff_says", "staff_hands_back",
     "event", "notice", "minutes_later", "bot", "then", "mailed_code", "picture", "liveness",
     "verdict", "kyc", "credentials", "opens_link", "face", "staff_decides"}
)  # fmt: skip
CHECKS = frozenset({"says", "never", "kind", "buttons"})


@dataclass(frozen=True)
class Step:
    """One thing done or expected; `checks` belong to a `bot` step."""

    act: str
    value: Any
    checks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """One dialogue test."""

    path: Path
    title: str
    given: dict[str, Any]
    steps: tuple[Step, ...]


def load_story(path: Path) -> Story:
    """Read one file. Raises ValueError naming what is wrong."""
    raw = read_yaml(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or set(raw) - {"title", "given", "steps"} or not raw.get("title"):
        raise ValueError(f"{path}: needs title and steps, may have given, nothing else")
    steps = tuple(_step(path, number, item) for number, item in enumerate(raw["steps"], 1))
    return Story(path, raw["title"], raw.get("given") or {}, steps)


def find_stories(folder: Path) -> list[Path]:
    """Return all dialogue files in the taxonomy's folders, ordered."""
    return sorted(path for name in TAXONOMY for path in (folder / name).glob("*.yml"))


def _step(path: Path, number: int, item: Any) -> Step:
    if not isinstance(item, dict):
        raise ValueError(f"{path}: step {number} is no mapping")  # noqa: TRY004
    acts = [key for key in item if key in ACTS]
    strange = [key for key in item if key not in ACTS | CHECKS]
    if len(acts) != 1 or strange:
        raise ValueError(f"{path}: step {number}: one act of {sorted(ACTS)}, not {sorted(item)}")
    checks = {key: item[key] for key in item if key in CHECKS}
    if checks and acts[0] != "bot":
        raise ValueError(f"{path}: step {number}: {sorted(checks)} belong to a bot step")
    return Step(acts[0], item[acts[0]], checks)
