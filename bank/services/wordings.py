"""Wordings: letters of a batch said in other words, before the write that sends them.

    due sends ─▶ (text, language, what they keep) ─▶ the port, once each ─▶ policies/wordings
                                                          any fault: the template ◀─┘

A model takes seconds, so nothing here runs inside a transaction. The write looks again: it uses a
wording only of the very template it would have rendered itself (contacts.py). Only marketing is
worded; what is owed to a customer is said as it was written. Nothing of the person is told to a
model but one word: investor, saver, current or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog

from bank.campaign_ports import CampaignTexts, NoWording, Wording
from bank.domain.campaigns import Campaign, MessageClass, Send, variant_coded
from bank.domain.consents import IN_TALK
from bank.domain.customers import Customer
from bank.domain.errors import NotFound
from bank.policies import wordings as policy
from bank.ports import RenderedText, Store, UnitOfWork
from bank.services.audiences import Audiences

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worded:
    """Another wording, and the template it is of; both unfilled."""

    template: RenderedText
    words: RenderedText


class Wordings:
    """Says letters in other words, where the bank has somebody who can."""

    def __init__(self, store: Store, *, texts: CampaignTexts, audiences: Audiences) -> None:
        self._store = store
        self._texts = texts
        self._audiences = audiences
        self._wording: Wording = NoWording()

    def use(self, wording: Wording) -> None:
        """Ask this for other words from now on."""
        self._wording = wording

    @property
    def is_on(self) -> bool:
        """Whether anybody is asked."""
        return not isinstance(self._wording, NoWording)

    def prepare(
        self, campaign: Campaign, due: Callable[[UnitOfWork], Iterable[Send]]
    ) -> Mapping[str, Worded]:
        """Return other words for what is due, by the send's id; what stays as it is has none.

        Nothing is written. Seconds for each text, language and kind of person.
        """
        if not self.is_on or campaign.message_class is not MessageClass.MARKETING:
            return {}
        known: dict[tuple[str, str, str], Worded | None] = {}
        found: dict[str, Worded] = {}
        for send in self._store.read(due):
            if send.channel in IN_TALK:
                continue
            text_id = str(variant_coded(campaign, send.variant)["texts"][send.channel])
            try:
                customer = self._customer(send.customer_id)
                about = self._audiences.mix(send.customer_id)
                key = (text_id, customer.locale, about)
                if key not in known:
                    known[key] = self._worded(text_id, locale=customer.locale, about=about)
            except (NotFound, KeyError):
                continue  # erased meanwhile, or no such text: the write finds out, and says so
            if (worded := known[key]) is not None:
                found[send.id] = worded
        return found

    def _customer(self, customer_id: str) -> Customer:
        found: Customer = self._store.read(lambda uow: uow.customers.get(customer_id))
        return found

    def _worded(self, text_id: str, *, locale: str, about: str) -> Worded | None:
        """Return another wording that is fit to be sent, or None. Raises KeyError: no such text."""
        language = policy.language_of(locale)
        if language is None or about not in policy.abouts():
            return None
        template = unfilled(self._texts, text_id, locale=locale)
        words = self._wording.word(template, language=language, about=about)
        if words is None or words == template:
            return None
        faults = {
            *policy.faults_in(
                words.subject, template=template.subject, language=language, about=about,
                is_subject=True,
            ),
            *policy.faults_in(words.body, template=template.body, language=language, about=about),
        }  # fmt: skip
        if faults:
            log.info("wording_refused", text=text_id, faults=sorted(map(str, faults)))
            return None
        return Worded(template, words)


def unfilled(texts: CampaignTexts, text_id: str, *, locale: str) -> RenderedText:
    """Return a letter with its {facts} still in place. Raises KeyError: no such text."""
    names = texts.needs(text_id, locale=locale)
    return texts.render(text_id, locale=locale, facts={name: f"{{{name}}}" for name in names})


def filled(words: RenderedText, facts: Mapping[str, str]) -> RenderedText:
    """Return other words with the facts in their places."""
    return RenderedText(subject=words.subject.format_map(facts), body=words.body.format_map(facts))
