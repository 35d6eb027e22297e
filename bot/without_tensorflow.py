"""Rasa started without TensorFlow, where nothing that was chosen uses it.

Rasa 3.6 imports TensorFlow with its list of components, used or not: 280 MB of memory and some
seconds of every start. Our own components and the rule policies need none of it, so before Rasa
is imported a stand-in takes its place:

    components of config.yml, or of a model ──▶ one that needs TensorFlow? ──yes──▶ (nothing)
                                                        └──no──▶ stand_in()

The stand-in lets classes be defined and functions be decorated, and does nothing else: whoever
calls into it gets an error that says what is missing. A component we do not know keeps TensorFlow.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import sys
import tarfile
import types
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

#: Rasa's components that learn or run on TensorFlow (rasa/engine/recipes/default_components.py).
_ON_TENSORFLOW = frozenset(
    ("DIETClassifier", "ResponseSelector", "ConveRTFeaturizer", "LanguageModelFeaturizer",
     "TEDPolicy", "UnexpecTEDIntentPolicy")
)  # fmt: skip
_OURS = ("bot", "rasa")
_REPLACED = ("tensorflow", "keras")


def spare(names: Iterable[str]) -> bool:
    """Put the stand-in in TensorFlow's place unless one of these components needs it.

    names: components as config.yml names them, or as a model's metadata does. Returns whether
    TensorFlow is spared. Does nothing once TensorFlow is there.
    """
    if "tensorflow" in sys.modules:
        return isinstance(sys.modules["tensorflow"], _StandIn)
    if any(map(_needs_it, names)):
        return False
    # TensorFlow's model converter imports jax wherever it stands; nobody else here does.
    sys.modules["jax"] = None  # type: ignore[assignment]
    stand_in()
    return True


def components_of_config(path: Path) -> list[str]:
    """Return the components a configuration names."""
    import yaml

    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [one["name"] for key in ("pipeline", "policies") for one in written.get(key) or ()]


def components_of_model(path: Path) -> list[str]:
    """Return the components a trained model holds, from its metadata.

    Raises OSError or tarfile.TarError: no such file, or no model.
    """
    with tarfile.open(path) as archive:
        member = next(one for one in archive if one.name.endswith("metadata.json"))
        held = archive.extractfile(member)
        assert held is not None
        schema = json.load(held)["predict_schema"]
    return [node["uses"] for node in schema["nodes"].values()]


def stand_in() -> None:
    """Let `import tensorflow` and `import keras` give placeholders from now on."""
    # Libraries that merely ask whether TensorFlow is there must hear no, once and for all.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import thinc.compat  # noqa: F401

    del sys.modules["tensorflow"]
    sys.meta_path.insert(0, _Finder())


def _needs_it(name: str) -> bool:
    place, _, last = name.rpartition(".")
    return last in _ON_TENSORFLOW or (place != "" and place.partition(".")[0] not in _OURS)


class _Placeholder(type):
    """A class for every name of TensorFlow's: it can be a base, an annotation or a decorator."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{cls.__name__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not cls.__dict__.get("is_placeholder", False):
            raise RuntimeError(f"{cls.__name__} needs TensorFlow; see bot/without_tensorflow.py.")
        # As a decorator, with or without settings of its own: the decorated thing itself.
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]
        return _undecorated

    def __getitem__(cls, item: Any) -> Any:
        return cls


def _placeholder(name: str) -> _Placeholder:
    return _Placeholder(name, (), {"is_placeholder": True})


def _undecorated(thing: Any) -> Any:
    return thing


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _placeholder(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in _REPLACED:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass
