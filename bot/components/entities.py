"""BankEntityExtractor: the bank's entities, English and Spanish, from patterns on spaCy tokens.

    iban → card digits → periods → amounts → vocabularies → payees → merchants

Each step sees which tokens are taken already, so "the 5th" is no amount and an IBAN no name. Both
languages are read in one text; words that belong to both ("a", "once") are Spanish only where the
sentence is, or where it does not tell and the conversation is (`lexicon.language_of`). Nothing is
learnt and nothing is downloaded: what is found stands in `tests/bot/cases/*.csv`.
"""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc

from bot.components import vocabulary
from bot.components.amounts import find_amounts
from bot.components.card_digits import find_card_digits
from bot.components.currencies import find_currencies
from bot.components.found import Found
from bot.components.ibans import find_ibans
from bot.components.lexer import read, span_at, words_of
from bot.components.merchants import find_merchants
from bot.components.name_words import GIVEN
from bot.components.payees import find_payees
from bot.components.periods import find_periods
from bot.components.words import find_numbers, find_words


def find_entities(text: str, today: date, language: Optional[str] = None) -> list[Found]:
    """Return all entities of a message, in the order of the text.

    `language` ("en", "es") is what the conversation is in, where the message does not tell.
    """
    doc = read(text, language)
    found: list[Found] = []
    taken: set[int] = set()  # tokens that are something already
    periods = [one for one in find_periods(doc, today) if not _is_person(doc, one)]
    for step in (find_ibans(doc), find_card_digits(doc), periods):
        free = [one for one in step if not _tokens(doc, [one]) & taken]
        found += free
        taken |= _tokens(doc, free)
    amounts = find_amounts(doc, taken=taken)
    sums = [span_at(doc, one.start, one.end) for one in amounts]
    numbers = find_numbers(doc, taken=taken)
    accounts = find_words(doc, "account_kind", "account_kinds")
    countries = find_words(doc, "country", "countries")
    categories = find_words(doc, "category", "categories")
    summed = taken | _tokens(doc, amounts)
    currencies = find_currencies(doc, taken=summed)
    found += [*amounts, *numbers, *accounts, *categories, *countries, *currencies]
    # A payee may be called like a shop or a country ("Paris"), but not like an account.
    held = summed | _tokens(doc, accounts)
    payees = find_payees(doc, taken=held, sums=sums, places=_tokens(doc, countries))
    found += _outside(doc, payees, categories)
    listed = _tokens(doc, categories)
    shops = find_merchants(doc, taken=held, sums=sums, listed=listed)
    found += _outside(doc, shops, [*categories, *countries])
    return sorted(found, key=lambda one: (one.start, one.end, one.entity))


def _is_person(doc: Doc, one: Found) -> bool:
    """Say whether "to April" is a payee and no month: money is sent, and no day was begun from."""
    words = one.text.split()
    return (
        len(words) == 2
        and words[0] == "to"
        and words[1].lower() in GIVEN
        and words[1][0].isupper()
        and not words_of(doc).isdisjoint({"send", "pay", "transfer", "give", "wire"})
    )


def _tokens(doc: Doc, found: list[Found]) -> set[int]:
    """Return the places of all tokens that are part of what was found."""
    spans = (span_at(doc, one.start, one.end) for one in found)
    return {index for span in spans for index in range(span.start, span.end)}


def _outside(doc: Doc, names: list[Found], words: list[Found]) -> list[Found]:
    """Return the names that are more than words of the lists ("restaurants" is no shop)."""
    known = _tokens(doc, words)
    return [one for one in names if not _tokens(doc, [one]) <= known]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BankEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Rasa's door to `find_entities`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BankEntityExtractor:
        """Return the extractor; it has no settings and learns nothing."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """Return the digest of the word lists, so that a new word means a new model."""
        return vocabulary.fingerprint()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities to each message; what a button's payload carries stays first."""
        today = datetime.now(timezone.utc).date()
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                told = (message.get("language") or {}).get("name")
                found = find_entities(text, today, told)
                new = [one.as_rasa(self.__class__.__name__) for one in found]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *new], add_to_output=True)
        return messages
