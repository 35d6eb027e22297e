"""Sentences to learn from: found by their plain words, sealed under the bank's own key.

Their id is a keyed digest of the words, so a sentence is kept once, whoever said it and however
it was written; the later label wins. Nothing in it names a conversation or a customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bank.domain.ids import SentenceId, StaffId
from bank.domain.readings import Example, Sentence, plain
from bank.ports import Digests, UnitOfWork, Vault

#: Much more than a bank labels; read in one go.
SENTENCES_MAX = 100_000
_DIGEST_CHARS = 32


class SentenceBook:
    """Puts sentences into a unit of work and opens them."""

    def __init__(self, *, vault: Vault, digests: Digests) -> None:
        self._vault = vault
        self._digests = digests

    def put_in(
        self,
        uow: UnitOfWork,
        text: str,
        *,
        intent: str,
        language: str,
        by: StaffId,
        now_utc: datetime,
    ) -> SentenceId:
        """Keep a sentence with its label and return its id."""
        digest = self._digests.digest("sentences", plain(text))
        sentence_id = SentenceId(f"sn_{digest[:_DIGEST_CHARS]}")
        sealed = self._vault.seal(text.encode(), place=_place(sentence_id))
        sentence = Sentence(sentence_id, intent, language, sealed, by, now_utc)
        if uow.sentences.find(sentence_id) is None:
            uow.sentences.add(sentence)
        else:
            uow.sentences.save(sentence)
        return sentence_id

    def find_in(self, uow: UnitOfWork, sentence_id: str | None) -> str | None:
        """Return a sentence in clear, or None."""
        held: Sentence | None = uow.sentences.find(sentence_id) if sentence_id else None
        return self._open(held) if held else None

    def list_in(self, uow: UnitOfWork) -> Sequence[Example]:
        """Return all sentences in clear, in a fixed order."""
        found = uow.sentences.list(order_by="id", limit=SENTENCES_MAX)
        return [Example(self._open(one), one.intent, one.language) for one in found]

    def _open(self, sentence: Sentence) -> str:
        return self._vault.open(sentence.text_enc, place=_place(sentence.id)).decode()


def drop_unused_in(uow: UnitOfWork, sentence_id: str | None) -> None:
    """Take a sentence away when no reading leads to it any more."""
    if sentence_id is not None and uow.readings.first(sentence_id=sentence_id) is None:
        uow.sentences.remove(sentence_id)


def _place(sentence_id: str) -> str:
    return f"sentences|{sentence_id}|text"
