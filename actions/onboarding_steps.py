"""Which question of an application is open, and how it is asked. Nothing is kept here.

    bank.onboarding.missing ─▶ terms · path · names · birth_date · address · country · purpose ·
                               email · contact ─▶ summary ─▶ document_type · document_front ·
                               document_back · selfie · liveness ─▶ submit

The bank holds the order; here given names and surname are one question, and so are street,
postcode and city; the summary stands before the first picture. A question that needs a camera or a
form is asked in other words where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import button
from actions.facts import day
from actions.labels import label
from actions.onboarding_dates import Born, read_birth_date
from actions.onboarding_names import cuts, read_names
from actions.onboarding_places import CITY, POSTCODE, STREET, country_name

ADDRESS = (STREET, POSTCODE, CITY)
NAMES = ("given_names", "surname")
PICTURES = ("document_front", "document_back", "selfie")

TERMS, PATH, SUMMARY, SUBMIT = "terms", "path", "summary", "submit"
CONTACT, LIVENESS, CREDENTIALS, WITHDRAW = "contact", "liveness", "credentials", "withdraw"
WHICH_SURNAME, WHICH_DAY = "which_surname", "which_day"
#: Questions that end with the next answer, whatever the bank still misses.
ASIDE = frozenset({WITHDRAW, WHICH_SURNAME, WHICH_DAY})
#: Questions any words may answer.
WORDED = frozenset(
    {"names", "birth_date", "address", "country", "email", "phone", WHICH_SURNAME,
     *ADDRESS, *NAMES}
)  # fmt: skip
STEPS = frozenset(
    {TERMS, PATH, SUMMARY, SUBMIT, CONTACT, LIVENESS, CREDENTIALS, "document_type", "purpose",
     *ASIDE, *PICTURES, *WORDED}
)  # fmt: skip

#: Answers an applicant may correct, as buttons and words name them.
FIXES = frozenset(
    {"names", "birth_date", "address", "country", "purpose", "email", "phone", "document_type",
     *NAMES, *ADDRESS, *PICTURES}
)  # fmt: skip

_STEP_OF = {**dict.fromkeys(NAMES, "names"), **dict.fromkeys(ADDRESS, "address")}
_AFTER_SUMMARY = frozenset({"document_type", *PICTURES, LIVENESS})
#: Steps that look different where there is no page.
_ON_PAGE = frozenset({*PICTURES, LIVENESS, CREDENTIALS})
_EMPTY = "–"


def next_step(missing: Sequence[str], *, is_checked: bool) -> str:
    """Return the open question.

    >>> next_step(("surname", "email"), is_checked=False)
    'names'
    >>> next_step(("document_type",), is_checked=False), next_step((), is_checked=True)
    ('summary', 'submit')
    """
    first = missing[0] if missing else SUBMIT
    if not is_checked and (first == SUBMIT or first in _AFTER_SUMMARY):
        return SUMMARY
    return _STEP_OF.get(first, first)


def parts_of(step: str) -> tuple[str, ...]:
    """Return the details a question is about."""
    return {"names": NAMES, "address": ADDRESS}.get(step, (step,))


def ask_step(
    step: str,
    *,
    missing: Sequence[str],
    details: Mapping[str, str],
    document_type: str,
    channel: str,
    tracker: Tracker,
    today: date,
    say: CollectingDispatcher,
) -> None:
    """Say the question."""
    if step == WHICH_SURNAME and (words := unclear_name(tracker)):
        titles = cuts(words)
        buttons = [
            button(title, "tell_details", onboarding_choice=count)
            for count, title in enumerate(titles, 1)
        ]
        say.utter_message(
            response="utter_onboarding_ask_which_surname", name=" ".join(words), buttons=buttons
        )
        return
    if step == WHICH_DAY and (born := unclear_day(tracker, today)) and born.either:
        buttons = [
            button(day(one), "tell_details", onboarding_choice=count)
            for count, one in enumerate(born.either, 1)
        ]
        say.utter_message(response="utter_onboarding_ask_which_day", buttons=buttons)
        return
    if step == SUMMARY:
        say.utter_message(response="utter_onboarding_ask_summary", **summary_of(details))
        return
    name = _wording(step, missing)
    suffix = "_messenger" if step in _ON_PAGE and channel != "web" else ""
    say.utter_message(
        response=f"utter_onboarding_ask_{name}{suffix}",
        document_type=document_type or "",
        sent_to=details.get("email", ""),
    )


def summary_of(details: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of the summary as they are read."""
    born = details.get("birth_date")
    country = details.get("country", "")
    purpose = details.get("purpose", "")
    shown = {name: details.get(name) or _EMPTY for name in (*ADDRESS, "email", "phone")}
    return shown | {
        "names": " ".join(details.get(name, "") for name in NAMES).strip(),
        "birth_date": day(date.fromisoformat(born)) if born else _EMPTY,
        "country": country_name(country) if country else _EMPTY,
        "purpose": label("purpose", purpose) if purpose else _EMPTY,
    }


def unclear_name(tracker: Tracker) -> tuple[str, ...]:
    """Return the words of the newest name whose surname is unclear; empty when there is none.

    Read from what was said, so that no slot holds a name.
    """
    for text in _said(tracker):
        named = read_names(text)
        if named is not None and named.words:
            return named.words
    return ()


def unclear_day(tracker: Tracker, today: date) -> Born | None:
    """Return the newest date that can be read in two ways."""
    for text in _said(tracker):
        born = read_birth_date(text, today=today)
        if born is not None and born.either:
            return born
    return None


def _said(tracker: Tracker) -> list[str]:
    """Return what was typed, newest first."""
    texts = [
        str(event.get("text") or "")
        for event in reversed(tracker.events)
        if event.get("event") == "user"
    ]
    latest = str((tracker.latest_message or {}).get("text") or "")
    return [text for text in [latest, *texts] if text and not text.startswith("/")]


def _wording(step: str, missing: Sequence[str]) -> str:
    """Return the name of the sentence: of several parts, only those missing are asked."""
    parts = [part for part in parts_of(step) if part in missing]
    if len(parts) == len(parts_of(step)) or not parts:
        return step
    return "postcode_city" if parts == [POSTCODE, CITY] else parts[0]
