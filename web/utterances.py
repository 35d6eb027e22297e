"""The sentences web says itself, read from the same place as all customer text: bot/domain/*.yml.

Most of them are in `web.yml` (`utter_web_<state>`); a refusal that the dialogue also knows is
said in the dialogue's own words (`utter_<code>`), so a customer hears one wording everywhere.

Only the plain text of the first variation is used: web has no slots and draws no buttons. In a
conversation of another language its own file is read, bot/domain/<language>/web.yml.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bank.yaml_text import read_yaml

DOMAIN_DIR = Path(__file__).resolve().parent.parent / "bot" / "domain"


class Utterances:
    """A read-only book of sentences by response name, with its translations."""

    def __init__(
        self,
        sentences: Mapping[str, str],
        translations: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._sentences = dict(sentences)
        self._translated = {
            language: Utterances({**sentences, **translated})
            for language, translated in (translations or {}).items()
        }

    def spoken(self, language: str | None) -> Utterances:
        """Return the book in a language; this one where there is no translation.

        >>> Utterances({"utter_x": "No."}).spoken("es").say("utter_x")
        'No.'
        """
        return self._translated.get(language or "", self)

    def say(self, response: str, /, **facts: str) -> str:
        """Return the sentence with its {facts} filled in. Raises KeyError for an unknown name."""
        return self._sentences[response].format_map(defaultdict(lambda: "…", facts))

    def refusal(self, code: str, details: Mapping[str, str]) -> str:
        """Return what to tell somebody whose request was refused with `code`.

        >>> Utterances({"utter_web_refused": "No."}).refusal("never_heard_of", {})
        'No.'

        `details["reason"]` names a narrower sentence where there is one (empty, too_long).
        """
        narrower = f"utter_web_{details.get('reason', '')}"
        for name in (narrower, f"utter_web_{code}", f"utter_{code}"):
            if name in self._sentences:
                return self.say(name, **details)
        return self.say("utter_web_refused", **details)


@cache
def load_utterances(folder: Path = DOMAIN_DIR) -> Utterances:
    """Read the responses of every skill. Raises ValueError for a name without a plain text."""
    translated = {one.name: _read(one) for one in folder.glob("[a-z][a-z]") if one.is_dir()}
    return Utterances(_read(folder), translated)


def _read(folder: Path) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        content = read_yaml(path.read_text(encoding="utf-8")) or {}
        for name, variations in (content.get("responses") or {}).items():
            text = next((v["text"] for v in variations if v.get("text")), None)
            if text is not None:
                sentences[name] = text
            elif path.stem == "web":
                raise ValueError(f"{path.name}: {name} has no text")
    return sentences
