"""Typed attacks are text and nothing else: one trial (trial.py), one test for each rule.

The claim, over more than 400 strings, each said by a visitor and many by a customer in mid-transfer:
0 protected slots set, 0 identities taken, 0 duplicates run.
"""

from __future__ import annotations

import pytest

from bank.domain.redaction import normalise
from tests.attacks.conftest import Attacker
from tests.attacks.corpus import PREFIXES, strings
from tests.attacks.slots import ACTING, WORDS, acts_wrongly, slots_of_domain
from tests.attacks.trial import Trial, run_trial

MANY = 300


@pytest.fixture(scope="session")
def trial(attacker: Attacker) -> Trial:
    return run_trial(attacker)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_given_any_way_to_write_a_slash_when_normalised_then_no_slash_leads(prefix: str) -> None:
    text = normalise(PREFIXES[prefix] + "restart")

    assert not text.startswith("/")
    assert not text.strip().startswith("/")
    assert normalise(text) == text


def test_every_slot_of_the_domain_either_acts_or_holds_words() -> None:
    assert set(ACTING) | set(WORDS) == slots_of_domain()
    assert not set(ACTING) & set(WORDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transfer_proposal_id", "pwned"), ("transfer_proposal_id", "tr_pwned"),
        ("transfer_payee", "Ana Silva"), ("transfer_payee", "tr_0k3vq6z1h8p2m4x7c9ab"),
        ("transfer_candidates", ["pa_0k3vq6z1h8p2m4x7c9ab", "pwned"]),
        ("transfer_amount", {"amount": "pwned", "currency": "EUR"}),
        ("transfer_amount", {"amount": "1", "currency": "EUR", "to": "pwned"}),
        ("wished_action", "pwned"), ("open_tasks", ["affirm"]), ("transactions_category", "x"),
    ],
)  # fmt: skip
def test_given_a_typed_value_in_an_acting_slot_when_judged_then_it_is_found(
    name: str, value: object
) -> None:
    """The judge itself can fail."""
    assert acts_wrongly(name, value, forbidden=("pwned",))
    assert not acts_wrongly("transfer_payee", "pa_0k3vq6z1h8p2m4x7c9ab", forbidden=("pwned",))


@pytest.mark.rasa
def test_given_hundreds_of_attacks_when_said_then_every_one_is_answered(trial: Trial) -> None:
    assert trial.strings_count == len(strings())
    assert len({text for _, text in strings()}) >= MANY
    assert trial.turns_count > 3 * MANY
    assert trial.against("answered") == []


@pytest.mark.rasa
def test_given_any_attack_when_said_then_no_command_runs(trial: Trial) -> None:
    assert trial.against("command", "certainty") == []


@pytest.mark.rasa
def test_given_any_attack_when_said_then_no_protected_slot_is_set(trial: Trial) -> None:
    assert trial.against("protected slot") == []


@pytest.mark.rasa
def test_given_any_attack_when_said_then_what_is_remembered_are_the_speakers_words(
    trial: Trial,
) -> None:
    assert trial.against("words") == []


@pytest.mark.rasa
def test_given_any_attack_when_said_then_no_identity_is_taken(trial: Trial) -> None:
    """Nobody hears a fact of the victim's, and no record but the speaker's own is in play."""
    assert trial.against("identity") == []


@pytest.mark.rasa
def test_given_any_attack_when_said_twice_with_one_id_then_it_runs_once(trial: Trial) -> None:
    assert trial.against("twice") == []


@pytest.mark.rasa
def test_given_a_transfer_that_waits_for_its_code_when_attacked_then_no_money_moves(
    trial: Trial,
) -> None:
    assert trial.against("money") == []
