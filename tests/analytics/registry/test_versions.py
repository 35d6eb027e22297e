"""The registry: what is kept, what serves, what is refused and which file is to blame."""

from __future__ import annotations

import json
import threading

import pandas as pd
import pytest

from analytics.errors import (
    BrokenModel,
    FeatureMismatch,
    NoSuchModel,
    NotApproved,
    RegistryBusy,
)
from analytics.registry import Fate, Registry
from analytics.registry.folders import alone
from analytics.tables.columns import Schema
from tests.analytics.registry.logistic import SCHEMA, a_card, constant, load

ROWS = pd.DataFrame({"age": [30.0], "debt": [1.0]})


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry(tmp_path / "analytics", load=load)


def swapped(registry: Registry, to: str, **changes):
    told = {
        "to": to,
        "instead_of": registry.champion("churn").version,
        "card_digest": registry.get("churn", to).card.digest,
        "promotion": "pm_1",
        **changes,
    }
    return registry.swap("churn", **told)


def test_given_the_first_version_when_added_then_it_serves_and_its_card_says_why(registry):
    version = registry.add("churn", constant(0.2), a_card())

    champion = registry.champion("churn")
    assert champion.version == version
    assert champion.card.fate is Fate.FIRST
    assert set(champion.card.files) == {"model.json"}
    assert "numpy" in champion.card.libraries
    assert registry.load("churn").probability(ROWS)[0] == pytest.approx(0.2)


def test_given_a_second_version_when_added_then_the_first_one_serves_on(registry):
    first = registry.add("churn", constant(0.2), a_card())
    second = registry.add("churn", constant(0.3), a_card())

    assert [one.version for one in registry.versions("churn")] == [first, second]
    assert registry.champion("churn").version == first
    assert registry.get("churn", second).card.fate is Fate.CANDIDATE


def test_given_what_was_approved_when_swapped_then_it_serves_and_both_fates_are_written(registry):
    first = registry.add("churn", constant(0.2), a_card())
    second = registry.add("churn", constant(0.3), a_card())

    champion = swapped(registry, second)

    assert (champion.before, champion.promotion) == (first, "pm_1")
    assert registry.load("churn").probability(ROWS)[0] == pytest.approx(0.3)
    assert registry.get("churn", first).card.fate is Fate.REPLACED
    assert registry.get("churn", second).card.fate is Fate.SERVING
    assert [one["version"] for one in registry.history("churn")] == [first, second]


@pytest.mark.parametrize("changes", [{"card_digest": "00"}, {"instead_of": None}])
def test_given_another_card_or_champion_than_approved_when_swapped_then_nothing_moves(
    registry, changes
):
    first = registry.add("churn", constant(0.2), a_card())
    second = registry.add("churn", constant(0.3), a_card())

    with pytest.raises(NotApproved):
        swapped(registry, second, **changes)
    assert registry.champion("churn").version == first


def test_given_a_changed_byte_when_loaded_then_the_refusal_names_the_file(registry):
    version = registry.add("churn", constant(0.2), a_card())
    path = registry.get("churn", version).folder / "model.json"
    path.write_text(path.read_text().replace("0.0", "0.1", 1))

    with pytest.raises(BrokenModel, match=r"model\.json was changed"):
        registry.load("churn")


def test_given_a_missing_or_a_strange_file_when_verified_then_the_refusal_names_it(registry):
    version = registry.add("churn", constant(0.2), a_card())
    folder = registry.get("churn", version).folder
    (folder / "extra.bin").write_bytes(b"x")
    with pytest.raises(BrokenModel, match=r"extra\.bin"):
        registry.verify("churn", version)

    (folder / "extra.bin").unlink()
    (folder / "model.json").unlink()
    with pytest.raises(BrokenModel, match=r"model\.json is missing"):
        registry.verify("churn", version)


def test_given_a_changed_card_of_the_champion_when_loaded_then_it_is_refused(registry):
    version = registry.add("churn", constant(0.2), a_card(permitted_use="letters"))
    path = registry.get("churn", version).folder / "card.json"
    path.write_text(path.read_text().replace("letters", "anything"))

    with pytest.raises(BrokenModel, match=r"card\.json"):
        registry.load("churn")


def test_given_a_pointer_or_card_cut_off_when_read_then_it_is_broken_not_empty(registry):
    version = registry.add("churn", constant(0.2), a_card())
    card = registry.get("churn", version).folder / "card.json"
    card.write_text(card.read_text()[:50])
    with pytest.raises(BrokenModel, match=r"card\.json"):
        registry.champion("churn")

    registry.pointer_path("churn").write_text("{")
    with pytest.raises(BrokenModel, match=r"champion\.json"):
        registry.champion("churn")


def test_given_a_card_of_other_features_when_added_then_it_is_refused(registry):
    with pytest.raises(FeatureMismatch):
        registry.add("churn", constant(0.2), a_card(schema=Schema(SCHEMA.columns[::-1])))
    assert registry.versions("churn") == []


def test_given_model_files_of_other_features_when_loaded_then_it_is_a_mismatch(tmp_path):
    other = Schema(SCHEMA.columns[::-1])
    registry = Registry(tmp_path, load=lambda _: constant(0.2, other))
    registry.add("churn", constant(0.2), a_card())

    with pytest.raises(FeatureMismatch, match="debt, age"):
        registry.load("churn")


@pytest.mark.parametrize("name", ["../churn", "", "Churn", "a/b", "a" * 41])
def test_given_a_name_that_is_no_name_when_asked_then_nothing_outside_is_touched(registry, name):
    with pytest.raises(NoSuchModel):
        registry.versions(name)
    with pytest.raises(NoSuchModel):
        registry.add(name, constant(0.2), a_card())
    assert not registry.folder.exists()


@pytest.mark.parametrize("version", ["latest", "../x", "20260101-000000", ""])
def test_given_an_unknown_version_when_asked_then_there_is_none(registry, version):
    registry.add("churn", constant(0.2), a_card())

    with pytest.raises(NoSuchModel):
        registry.load("churn", version)


def test_given_nobody_serves_when_loaded_then_the_refusal_says_train(registry):
    with pytest.raises(NoSuchModel, match="Train"):
        registry.load("churn")


class Unsaveable:
    schema = SCHEMA

    def save(self, folder) -> None:
        (folder / "half").write_text("half")
        raise OSError(28, "No space left on device")


def test_given_a_disk_that_is_full_when_added_then_nothing_is_left_of_it(registry):
    first = registry.add("churn", constant(0.2), a_card())

    with pytest.raises(OSError, match="No space"):
        registry.add("churn", Unsaveable(), a_card())

    assert [one.version for one in registry.versions("churn")] == [first]
    assert not [path for path in (registry.folder / "churn").iterdir() if "draft" in path.name]


def test_given_a_draft_of_a_dead_process_when_the_next_writes_then_it_is_swept(registry):
    registry.add("churn", constant(0.2), a_card())
    dead = registry.folder / "churn" / ".draft-dead"
    dead.mkdir()

    registry.add("churn", constant(0.2), a_card())

    assert not dead.exists()


def test_given_a_refused_version_then_its_reasons_stay_and_its_files_go(registry):
    registry.add("churn", constant(0.2), a_card())
    second = registry.add("churn", constant(0.3), a_card())

    registry.refuse("churn", second, ["not better"])

    kept = registry.get("churn", second)
    assert (kept.card.fate, kept.card.fate_reasons) == (Fate.REFUSED, ("not better",))
    assert not kept.can_serve
    with pytest.raises(BrokenModel):
        swapped(registry, second)


def test_given_the_champion_when_refused_then_it_serves_on(registry):
    version = registry.add("churn", constant(0.2), a_card())

    with pytest.raises(NotApproved):
        registry.refuse("churn", version, ["no"])
    assert registry.load("churn").probability(ROWS)[0] == pytest.approx(0.2)


def test_given_many_writers_at_once_then_every_version_is_whole_and_one_is_first(registry):
    def work(number: int) -> None:
        registry.add("churn", constant(number / 100), a_card(seed=number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    versions = registry.versions("churn")
    assert sorted(one.card.seed for one in versions) == list(range(1, 9))
    assert [one.card.fate for one in versions].count(Fate.FIRST) == 1
    for one in versions:
        registry.verify("churn", one.version)


def test_given_a_writer_that_does_not_end_when_another_comes_then_it_is_told(tmp_path):
    with alone(tmp_path), pytest.raises(RegistryBusy), alone(tmp_path, wait_s=0.05):
        pass


def test_the_pointer_is_plain_json_that_a_person_can_read(registry):
    version = registry.add("churn", constant(0.2), a_card())

    told = json.loads(registry.pointer_path("churn").read_text())

    assert told["version"] == version
    assert told["card_digest"] == registry.get("churn", version).card.digest
