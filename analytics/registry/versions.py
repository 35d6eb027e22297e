"""Versions of models in a folder, and the pointer that says which one serves.

    models/analytics/<name>/
        champion.json                which version serves, since when, by whose word
        20261128-134500/card.json    a version: its card …
        20261128-134500/<files>      … and what the model wrote, each with its SHA-256 in the card

A version is written into a folder beside and renamed: it is there whole or not at all. The pointer
is one file, replaced at once. Who writes holds the name's lock; who reads needs none.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import BrokenModel, FeatureMismatch, NoSuchModel, NotApproved
from analytics.models import Model
from analytics.registry.cards import Card, Fate, libraries, stamp
from analytics.registry.folders import (
    CARD,
    DRAFT,
    POINTER,
    alone,
    by_time,
    digests,
    files_in,
    free_version,
    is_name,
    is_version,
    sweep,
)
from bank.whole_files import sha256_of, sync, write_whole

#: How many swaps the pointer remembers.
HISTORY_MAX = 100

Loader = Callable[[Path], Model]


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the registry."""

    name: str
    version: str
    folder: Path
    card: Card
    is_champion: bool

    @property
    def can_serve(self) -> bool:
        """Whether its files are kept: those of a refused one are not."""
        return all((self.folder / name).is_file() for name in self.card.files)


@dataclass(frozen=True, slots=True)
class Champion:
    """The pointer. `before` served until this one did; `promotion` is the bank's record of it."""

    version: str
    since_utc: str
    card_digest: str
    before: str | None = None
    promotion: str | None = None


class Registry:
    """All models of one folder."""

    def __init__(self, folder: Path, *, load: Loader | None = None) -> None:
        self.folder = folder
        self._load = load or _load_with_learners

    def names(self) -> list[str]:
        """Return the names of all models."""
        found = (path.parent.parent.name for path in self.folder.glob(f"*/*/{CARD}"))
        return sorted({name for name in found if is_name(name)})

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a model, oldest first; none for a name nobody has used."""
        paths = (path.parent for path in self._place(name).glob(f"*/{CARD}"))
        kept = sorted(path.name for path in paths if is_version(path.name))
        return [self.get(name, version) for version in sorted(kept, key=by_time)]

    def get(self, name: str, version: str) -> Version:
        """Return one version. Raises NoSuchModel, BrokenModel."""
        folder = self._folder_of(name, version)
        card = _read_card(folder / CARD)
        pointer = self.pointer(name)
        return Version(
            name, version, folder, card, pointer is not None and pointer.version == version
        )

    def champion(self, name: str) -> Version | None:
        """Return the version that serves, or None. Raises BrokenModel: its card is not whole."""
        pointer = self.pointer(name)
        return self.get(name, pointer.version) if pointer else None

    def pointer(self, name: str) -> Champion | None:
        """Return what the pointer says, or None."""
        path = self.pointer_path(name)
        try:
            raw = json.loads(path.read_text("utf-8"))
            known = {key: raw[key] for key in Champion.__dataclass_fields__}
            return Champion(**known)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise BrokenModel(f"{path} cannot be read. Roll back, or train anew.") from None

    def pointer_path(self, name: str) -> Path:
        """Return where the pointer is: whoever serves looks whether it has changed."""
        return self._place(name) / POINTER

    def add(self, name: str, model: Model, card: Card) -> str:
        """Keep a model with its card; return its version. The first of a name serves at once.

        Raises RegistryBusy, FeatureMismatch (the card names other features than the model).
        """
        if card.schema.names != model.schema.names:
            raise FeatureMismatch(f"The card of {name} names other features than the model has.")
        place = self._place(name)
        with alone(self._place(name)):
            sweep(place)
            made_at_utc = datetime.now(UTC)
            version = free_version(place, made_at_utc)
            is_first = self.pointer(name) is None
            draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=place))
            try:
                model.save(draft)
                whole = replace(
                    card,
                    name=name,
                    version=version,
                    made_at_utc=stamp(made_at_utc),
                    libraries=libraries(),
                    files=digests(draft),
                    fate=Fate.FIRST if is_first else Fate.CANDIDATE,
                )
                write_whole(draft / CARD, whole.as_text())
                draft.rename(place / version)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            sync(place)
            if is_first:
                self._point(name, Champion(version, whole.made_at_utc, whole.digest))
        return version

    def verify(self, name: str, version: str) -> Card:
        """Return the card after looking at every file. Raises NoSuchModel, BrokenModel."""
        found = self.get(name, version)
        here = {path.relative_to(found.folder).as_posix() for path in files_in(found.folder)}
        for extra in sorted(here - set(found.card.files) - {CARD}):
            raise BrokenModel(f"{found.folder / extra} does not belong to {name} {version}.")
        for wanted, digest in found.card.files.items():
            path = found.folder / wanted
            if not path.is_file():
                raise BrokenModel(f"{path} is missing. Another version can serve: roll back.")
            if sha256_of(path) != digest:
                raise BrokenModel(f"{path} was changed since it was made. Roll back, or train.")
        return found.card

    def load(self, name: str, version: str | None = None) -> Model:
        """Return the model of a version, by default of the one that serves, after checking it.

        Raises NoSuchModel, BrokenModel (which file), FeatureMismatch.
        """
        pointer = self.pointer(name)
        if version is None:
            if pointer is None:
                raise NoSuchModel(f"No version of {name} serves. Train one first.")
            version = pointer.version
        card = self.verify(name, version)
        if pointer and pointer.version == version and pointer.card_digest != card.digest:
            raise BrokenModel(f"{self._folder_of(name, version) / CARD} was changed.")
        model = self._load(self._folder_of(name, version))
        if model.schema.names != card.schema.names:
            raise FeatureMismatch(
                f"{self._folder_of(name, version)} has a model of other features, or of another "
                f"order, than its card: {', '.join(model.schema.names)}."
            )
        return model

    def swap(
        self,
        name: str,
        *,
        to: str,
        instead_of: str | None,
        card_digest: str,
        promotion: str,
        fate_of_old: Fate = Fate.REPLACED,
    ) -> Champion:
        """Let another version serve. Only what two people agreed on: see promotion.py.

        Raises NoSuchModel, BrokenModel, NotApproved (another one serves by now, or the card is
        not the one that was approved), RegistryBusy. The pointer changes last.
        """
        with alone(self._place(name)):
            pointer = self.pointer(name)
            if (pointer.version if pointer else None) != instead_of:
                raise NotApproved(f"Another version of {name} serves by now; propose again.")
            if self.verify(name, to).digest != card_digest:
                raise NotApproved(f"The card of {name} {to} is not the one that was approved.")
            self.load(name, to)
            told = Champion(to, stamp(datetime.now(UTC)), card_digest, instead_of, promotion)
            self._point(name, told)
            self._write_fate(name, to, Fate.SERVING)
            if instead_of is not None:
                self._write_fate(name, instead_of, fate_of_old)
        return told

    def refuse(self, name: str, version: str, reasons: Sequence[str]) -> None:
        """Keep the card of a version that may not serve, with the reasons; its files go."""
        with alone(self._place(name)):
            found = self.get(name, version)
            if found.is_champion:
                raise NotApproved(f"{name} {version} serves; it cannot be refused.")
            self._write_fate(name, version, Fate.REFUSED, reasons)
            for file in found.card.files:
                (found.folder / file).unlink(missing_ok=True)

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return the swaps, oldest first, as the pointer remembers them."""
        path = self.pointer_path(name)
        return list(json.loads(path.read_text("utf-8"))["history"]) if path.exists() else []

    # --- small steps ---

    def _place(self, name: str) -> Path:
        if not is_name(name):
            raise NoSuchModel(f"{name!r} is no name of a model: letters, digits, _ and -.")
        return self.folder / name

    def _folder_of(self, name: str, version: str) -> Path:
        folder = self._place(name) / version
        if not is_version(version) or not (folder / CARD).is_file():
            raise NoSuchModel(f"There is no version {version!r} of {name}.")
        return folder

    def _point(self, name: str, champion: Champion) -> None:
        kept = [*self.history(name), asdict(champion)][-HISTORY_MAX:]
        text = json.dumps({**asdict(champion), "history": kept}, indent=2)
        write_whole(self.pointer_path(name), text + "\n")

    def _write_fate(self, name: str, version: str, fate: Fate, reasons: Sequence[str] = ()) -> None:
        path = self._folder_of(name, version) / CARD
        card = replace(_read_card(path), fate=fate, fate_reasons=tuple(reasons))
        write_whole(path, card.as_text())


def _load_with_learners(folder: Path) -> Model:
    from analytics import learners  # noqa: PLC0415  libraries of learning take a second to load
    from analytics.fraud import models as fraud  # noqa: PLC0415

    is_frauds = (folder / fraud.FILE).is_file()
    loaded: Model = fraud.FraudModel.load(folder) if is_frauds else learners.load(folder)
    return loaded


def _read_card(path: Path) -> Card:
    try:
        return Card.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        raise BrokenModel(f"{path} is not a card of ours, or was cut off.") from None
