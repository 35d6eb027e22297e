"""The domain in parts: domain.yml is a contents page, bot/domain/<skill>.yml hold the skills.

    domain.yml ─┐
    bot/domain/cards.yml ─┼─▶ one Domain      the same intent, slot, form, action, response or
    bot/domain/transfers.yml ─┘               entity in two files → DuplicateInDomain

    bot/domain/es/cards.yml ─▶ responses only, by the names of bot/domain/cards.yml; each becomes a
                               variation that Rasa takes while the slot `language` is "es"

A language is a folder of two letters: a third one needs files and nothing here. Rasa's own
directory loading merges silently: the later file wins, and a skill loses its response.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional, Union

import rasa.shared.utils.io
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter

#: Domain keys whose items have names that must be unique over all files.
NAMED_SECTIONS = ("intents", "entities", "slots", "forms", "responses", "actions")
#: What a file of a translation may hold.
TRANSLATED_SECTIONS = frozenset({"version", "responses"})
PARTS_FOLDER = Path("bot/domain")
LANGUAGE_FOLDERS = "[a-z][a-z]"
LANGUAGE_SLOT = "language"


class DuplicateInDomain(RasaException):
    """Two files of the domain declare the same thing."""


class NotATranslation(RasaException):
    """A file of a language's folder holds what cannot be a translation."""


class SplitDomainImporter(RasaFileImporter):
    """Rasa's file importer, with a domain of many files, in several languages."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[list[str], str]] = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._domain: Optional[Domain] = None

    def get_domain(self) -> Domain:
        """Return the merged domain.

        Raises DuplicateInDomain, NotATranslation, or Rasa's InvalidDomain.
        """
        if not self._domain_path:
            return Domain.empty()
        if self._domain is None:
            contents_page = Path(self._domain_path)
            parts_folder = contents_page.parent / PARTS_FOLDER
            merged = merge_domains([contents_page, *sorted(parts_folder.glob("*.yml"))])
            for folder in sorted(parts_folder.glob(LANGUAGE_FOLDERS)):
                add_language(merged, folder.name, sorted(folder.glob("*.yml")))
            self._domain = Domain.from_dict(merged)
        return self._domain


def merge_domains(paths: Iterable[Path]) -> dict[str, Any]:
    """Return one raw domain from several files.

    Raises DuplicateInDomain, naming the item and both files.
    """
    merged: dict[str, Any] = {}
    declared_in: dict[tuple[str, str], Path] = {}
    for path in paths:
        raw = rasa.shared.utils.io.read_yaml_file(path) or {}
        for section, content in raw.items():
            if section not in NAMED_SECTIONS:
                merged.setdefault(section, content)
                continue
            for name in names_in(content):
                first = declared_in.setdefault((section, name), path)
                if first != path:
                    raise duplicate(section, name, first=first, again=path)
            if isinstance(content, dict):
                merged.setdefault(section, {}).update(content)
            else:
                merged.setdefault(section, []).extend(content or [])
    return merged


def add_language(domain: dict[str, Any], language: str, paths: Iterable[Path]) -> None:
    """Append the responses of these files to those of the same name in `domain`, in place.

    Every appended variation has the condition `language`, so it is said only then; where none
    fits, Rasa takes the unconditional one.

    Raises NotATranslation (no such response, or anything else than responses) and
    DuplicateInDomain, naming the file.
    """
    responses: dict[str, list[dict[str, Any]]] = domain.get("responses") or {}
    only_then = [{"type": "slot", "name": LANGUAGE_SLOT, "value": language}]
    translated_in: dict[str, Path] = {}
    for path in paths:
        raw = rasa.shared.utils.io.read_yaml_file(path) or {}
        strange = sorted(set(raw) - TRANSLATED_SECTIONS)
        if strange:
            raise NotATranslation(f"{path} may hold responses only, not: {', '.join(strange)}.")
        for name, variations in (raw.get("responses") or {}).items():
            if name not in responses:
                raise NotATranslation(f"responses: '{name}' of {path} translates no response.")
            first = translated_in.setdefault(name, path)
            if first != path:
                raise duplicate("responses", name, first=first, again=path)
            responses[name] = [
                *responses[name], *({**one, "condition": only_then} for one in variations),
            ]  # fmt: skip


def duplicate(section: str, name: str, *, first: Path, again: Path) -> DuplicateInDomain:
    """Return the error that names the item and both files."""
    return DuplicateInDomain(
        f"{section}: '{name}' is declared in {first} and again in {again}. "
        "Keep it in the file of the skill it belongs to."
    )


def names_in(content: Any) -> list[str]:
    """Return the names a section declares.

    >>> names_in(["greet", {"affirm": {"use_entities": []}}]), names_in({"utter_x": []})
    (['greet', 'affirm'], ['utter_x'])
    """
    if not content:
        return []
    if isinstance(content, dict):
        return list(content)
    return [next(iter(item)) if isinstance(item, dict) else str(item) for item in content]
