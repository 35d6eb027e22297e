"""Rasa without TensorFlow: when it is spared, and what the stand-in does then."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from bot.without_tensorflow import components_of_config, components_of_model

ROOT = Path(__file__).resolve().parents[2]

STARTS = """
import sys
from bot import without_tensorflow
print(without_tensorflow.spare({names!r}))
import rasa.engine.recipes.default_components
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
print("tensorflow.python.eager.context" in sys.modules)
"""

CALLS = """
import sys
from bot import without_tensorflow
without_tensorflow.spare([])
import tensorflow as tf
import keras

@tf.function(reduce_retracing=True)
def doubled(number: tf.Tensor) -> int:
    return 2 * number

@tf.function
def halved(number):
    return number // 2

class Layer(keras.layers.Layer):
    pass

print(doubled(2), halved(2))
try:
    Layer()
except RuntimeError as told:
    print(told)
from thinc.compat import has_tensorflow
print(has_tensorflow)
"""


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def test_given_our_components_when_rasa_is_imported_then_tensorflow_is_not() -> None:
    names = components_of_config(ROOT / "config.yml")

    assert run(STARTS.format(names=names)) == ["True", "False"]


@pytest.mark.parametrize(
    "name", ["DIETClassifier", "rasa.core.policies.ted_policy.TEDPolicy", "acme.parts.Reader"]
)
def test_given_one_that_needs_it_or_a_strangers_when_asked_then_tensorflow_stays(name: str) -> None:
    program = STARTS.format(names=["MemoizationPolicy", name]).splitlines()[:4]

    assert run("\n".join(program)) == ["False"]


def test_given_the_stand_in_then_code_can_be_defined_and_what_calls_it_hears_why_not() -> None:
    assert run(CALLS) == [
        "4 1", "Layer needs TensorFlow; see bot/without_tensorflow.py.", "False",
    ]  # fmt: skip


def test_given_a_model_when_asked_then_its_components_are_those_of_its_metadata(
    tmp_path: Path,
) -> None:
    told = {"predict_schema": {"nodes": {"a": {"uses": "rasa.x.DIETClassifier"}}}}
    held = json.dumps(told).encode()
    member = tarfile.TarInfo("metadata.json")
    member.size = len(held)
    with tarfile.open(tmp_path / "m.tar.gz", "w:gz") as archive:
        archive.addfile(member, BytesIO(held))

    assert components_of_model(tmp_path / "m.tar.gz") == ["rasa.x.DIETClassifier"]
