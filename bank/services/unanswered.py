"""Questions the library had no answer to: counted, read by staff, forgotten after a while.

    asked ─▶ discreet ─▶ id = keyed digest of the plain words ─▶ one row, however often asked
                                                              └─ (time, or too many) ─▶ gone

Nothing leads from a question to who asked it. Words are sealed under the bank's own key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bank.domain.actors import Actor
from bank.domain.articles import QuestionView, UnansweredQuestion
from bank.domain.ids import QuestionId
from bank.domain.readings import discreet, plain
from bank.policies import articles as policy
from bank.policies.access import require
from bank.ports import Clock, Digests, Store, UnitOfWork, Vault
from bank.services.audit import Audit
from bank.services.purging import purge

LIST_MAX = 500
_DIGEST_CHARS = 32
_LETTERS_LEAST = 3


class Unanswered:
    """What is missing in the library, in the customers' words."""

    def __init__(
        self, store: Store, *, clock: Clock, vault: Vault, digests: Digests, audit: Audit
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._digests = digests
        self._audit = audit

    def note(self, actor: Actor, text: str, *, language: str) -> None:
        """Keep a question, or count it again. What is no question is left out."""
        require(actor, "questions.note")
        said = " ".join(discreet(text).split())
        letters = sum(one.isalpha() for one in said)
        if letters < _LETTERS_LEAST or len(said) > policy.question_max_chars():
            return
        digest = self._digests.digest("questions", f"{language} {plain(said)}")
        question_id = QuestionId(f"uq_{digest[:_DIGEST_CHARS]}")

        def work(uow: UnitOfWork) -> None:
            now_utc = self._clock()
            known: UnansweredQuestion | None = uow.unanswered_questions.find(question_id)
            if known is not None:
                again = replace(known, times=known.times + 1, asked_at_utc=now_utc)
                uow.unanswered_questions.save(again)
                return
            uow.unanswered_questions.add(
                UnansweredQuestion(
                    id=question_id,
                    language=language,
                    text_enc=self._vault.seal(said.encode(), place=_place(question_id)),
                    times=1,
                    asked_at_utc=now_utc,
                )
            )
            _make_room_in(uow)

        self._store.write(work)

    def list(self, actor: Actor) -> Sequence[QuestionView]:
        """Return what waits, the latest first. Staff."""
        require(actor, "articles.read")
        found: Sequence[UnansweredQuestion] = self._store.read(
            lambda uow: uow.unanswered_questions.list(
                order_by="asked_at_utc", descending=True, limit=LIST_MAX, is_dismissed=False
            )
        )
        return [
            QuestionView(one.id, self._open(one), one.language, one.times, one.asked_at_utc)
            for one in found
        ]

    def dismiss(self, actor: Actor, question_ids: Iterable[str]) -> int:
        """Put questions aside: answered by now, or not ours. Returns how many there were."""
        require(actor, "articles.write")
        wanted = tuple(question_ids)[:LIST_MAX]

        def work(uow: UnitOfWork) -> int:
            found = uow.unanswered_questions.list(id=wanted, is_dismissed=False)
            for one in found:
                uow.unanswered_questions.save(replace(one, is_dismissed=True))
            self._audit.append_in(
                uow, actor, "questions.dismiss", "questions", details={"count": len(found)}
            )
            return len(found)

        return self._store.write(work)

    def purge(self) -> int:
        """Forget what was last asked long ago. Returns how many."""
        until = self._clock() - policy.keep_questions_for()
        return purge(self._store, "unanswered_questions", asked_at_utc__lt=until)

    def _open(self, question: UnansweredQuestion) -> str:
        return self._vault.open(question.text_enc, place=_place(question.id)).decode()


def _place(question_id: str) -> str:
    return f"unanswered_questions|{question_id}|text"


def _make_room_in(uow: UnitOfWork) -> None:
    too_many = uow.unanswered_questions.count() - policy.questions_most()
    if too_many > 0:
        oldest = uow.unanswered_questions.list(order_by="asked_at_utc", limit=too_many)
        for one in oldest:
            uow.unanswered_questions.remove(one.id)
