"""The domain in parts: domain.yml is a contents page, bot/domain/<skill>.yml hold the skills.

    domain.yml ─┐
    bot/domain/cards.yml ─┼─▶ one Domain      the same intent, slot, form, action, response or
    bot/domain/transfers.yml ─┘               entity in two files → DuplicateInDomain

Rasa's own directory loading merges silently: the later file wins, and a skill loses its response.
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
PARTS_FOLDER = Path("bot/domain")


class DuplicateInDomain(RasaException):
    """Two files of the domain declare the same thing."""


class SplitDomainImporter(RasaFileImporter):
    """Rasa's file importer, with a domain of many files."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[list[str], str]] = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._domain: Optional[Domain] = None

    def get_domain(self) -> Domain:
        """Return the merged domain. Raises DuplicateInDomain, or Rasa's InvalidDomain."""
        if not self._domain_path:
            return Domain.empty()
        if self._domain is None:
            contents_page = Path(self._domain_path)
            parts = sorted((contents_page.parent / PARTS_FOLDER).glob("*.yml"))
            self._domain = Domain.from_dict(merge_domains([contents_page, *parts]))
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
                    raise DuplicateInDomain(
                        f"{section}: '{name}' is declared in {first} and again in {path}. "
                        "Keep it in the file of the skill it belongs to."
                    )
            if isinstance(content, dict):
                merged.setdefault(section, {}).update(content)
            else:
                merged.setdefault(section, []).extend(content or [])
    return merged


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
