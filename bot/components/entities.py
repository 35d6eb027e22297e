"""BankEntityExtractor: every entity of the bank, from spaCy matchers on a blank pipeline.

    iban → card digits → periods → amounts → vocabularies → names

Each step sees which tokens are taken already, so "the 5th" is no amount and an IBAN no name.
Nothing is learnt and nothing is downloaded: what a matcher finds is in the tables of
`tests/bot/cases/*.csv`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc, Span

from bot.components import vocabulary
from bot.components.amounts import currencies, find_amounts
from bot.components.found import Found
from bot.components.ibans import find_ibans
from bot.components.lexer import read
from bot.components.names import (
    find_card_digits,
    find_merchants,
    find_numbers,
    find_payees,
    find_words,
)
from bot.components.periods import find_periods

_CODE = re.compile(r"^[A-Z]{3}$")


def find_entities(text: str, today: date) -> list[Found]:
    """Return all entities of a message, in the order of the text."""
    doc = read(text)
    ibans = find_ibans(doc)
    found = [one for one, _ in ibans]
    taken: list[Span] = [span for _, span in ibans]
    for step in (find_card_digits(doc), find_periods(doc, today)):
        free = [one for one in step if not _covered(one, taken)]
        found += free
        taken += _spans(doc, free)
    amounts = find_amounts(doc, taken=taken)
    numbers = find_numbers(doc, taken=taken)
    taken += _spans(doc, amounts)
    accounts = find_words(doc, "account_kind", "account_kinds")
    countries = find_words(doc, "country", "countries")
    categories = find_words(doc, "category", "categories")
    words = [*accounts, *categories, *countries]
    found += [*amounts, *numbers, *words, *_currencies(doc, amounts)]
    # A payee may be called like a shop or a country ("Paris"), but not like an account.
    payees = find_payees(doc, taken=taken + _spans(doc, accounts))
    found += [one for one in payees if not any(_inside(one, word) for word in categories)]
    found += find_merchants(doc, taken=taken + _spans(doc, [*accounts, *categories]))
    return sorted(found, key=lambda one: (one.start, one.end, one.entity))


def _inside(one: Found, other: Found) -> bool:
    return other.start <= one.start and one.end <= other.end


def _currencies(doc: Doc, amounts: list[Found]) -> list[Found]:
    """Return currencies named without an amount ("how many dollars is that")."""
    taken = _spans(doc, amounts)
    return [
        Found.of("currency", doc[token.i : token.i + 1], currencies()[token.lower_])
        for token in doc
        if token.lower_ in currencies()
        and not any(span.start <= token.i < span.end for span in taken)
    ]


def _spans(doc: Doc, found: list[Found]) -> list[Span]:
    return [doc.char_span(one.start, one.end, alignment_mode="expand") for one in found]


def _covered(one: Found, taken: list[Span]) -> bool:
    return any(one.start < span.end_char and span.start_char < one.end for span in taken)


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
                new = [one.as_rasa(self.__class__.__name__) for one in find_entities(text, today)]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *new], add_to_output=True)
        return messages
