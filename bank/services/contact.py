"""The applicant's address: a code to confirm it, a link to come back by.

    send ──code by mail or SMS──▶ confirm          five tries, ten minutes, only digests are kept
    mail_link ──one-time link──▶ resume            the application moves to the new conversation

A link is as good as the mailbox it was sent to, so it is mailed only to a confirmed address, works
once and not for long.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import SYSTEM, Actor
from bank.domain.applications import (
    RUNNING,
    Application,
    ApplicationState,
    ContactCode,
    ResumeLink,
    kept_challenge,
)
from bank.domain.challenges import clean_code
from bank.domain.customers import mask_address
from bank.domain.errors import (
    ApplicationIncomplete,
    BankError,
    CodeExpired,
    InvalidInput,
    LinkInvalid,
    TooManyTries,
    WrongCode,
)
from bank.domain.ids import ConversationId
from bank.domain.outbox import OutboxKind
from bank.domain.sessions import hash_token, make_token
from bank.policies.onboarding import keep_for, number
from bank.ports import Auditor, Clock, Digests, Store, Texts, UnitOfWork
from bank.services.application_book import ApplicationBook, is_open
from bank.services.evidence import EvidenceRoom
from bank.services.failures import Failures
from bank.services.outbox import Outbox

EMAIL, PHONE = "email", "phone"
_KIND = {EMAIL: OutboxKind.MAIL, PHONE: OutboxKind.SMS}
EXPIRED_AT_ONCE = 100


class Contact:
    """Codes and links to applicants."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        book: ApplicationBook,
        digests: Digests,
        failures: Failures,
        outbox: Outbox,
        texts: Texts,
        evidence: EvidenceRoom,
        audit: Auditor,
        public_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._digests = digests
        self._failures = failures
        self._outbox = outbox
        self._texts = texts
        self._evidence = evidence
        self._audit = audit
        self._public_url = public_url

    def send(self, actor: Actor, *, via: str) -> str:
        """Send a code; return where it went, masked.

        Raises InvalidInput, ApplicationIncomplete, RateLimited.
        """
        if via not in _KIND:
            raise InvalidInput(field="via", allowed=", ".join(_KIND))
        held = self._store.read(lambda uow: self._book.open_in(uow, actor))
        to = self._book.details(held).get(via)
        if not to:
            raise ApplicationIncomplete(missing=via)
        self._failures.take(("contact_code", held.id), ("contact_address", to))
        code = f"{secrets.randbelow(10 ** number('code', 'digits')):0{number('code', 'digits')}d}"

        def work(uow: UnitOfWork) -> None:
            application = self._book.collecting_in(uow, actor)
            now_utc = self._clock()
            uow.contact_codes.remove(application.id)
            uow.contact_codes.add(
                ContactCode(
                    id=application.id,
                    code_hash=self._hash(application.id, code),
                    via=via,
                    tries_left=number("code", "tries"),
                    sent_at_utc=now_utc,
                    expires_at_utc=now_utc + timedelta(seconds=number("code", "ttl_s")),
                )
            )
            self._mail_in(uow, "contact_code", kind=_KIND[via], to=to, code=code)
            self._audit.append_in(
                uow, actor, "onboarding.code", application.id, "sent", "own_application",
                {"via": via},
            )  # fmt: skip

        self._store.write(work)
        return mask_address(to)

    def is_pending(self, actor: Actor) -> bool:
        """Say whether a code that can still be right is waited for."""

        def work(uow: UnitOfWork) -> bool:
            application = self._book.find_in(uow, actor)
            if application is None or application.contact_at_utc is not None:
                return False
            held: ContactCode | None = uow.contact_codes.find(application.id)
            return held is not None and held.expires_at_utc > self._clock()

        return self._store.read(work)

    def confirm(self, actor: Actor, code: str) -> Application:
        """Take the code; a wrong one is counted whatever comes after.

        Raises WrongCode, CodeExpired, TooManyTries, ApplicationMissing.
        """

        def work(uow: UnitOfWork) -> Application | BankError:
            application = self._book.open_in(uow, actor)
            held: ContactCode | None = uow.contact_codes.find(application.id)
            if held is None or held.expires_at_utc <= self._clock():
                return CodeExpired()
            if held.tries_left <= 0:
                return TooManyTries()
            if not hmac.compare_digest(held.code_hash, self._hash(held.id, clean_code(code))):
                after = replace(held, tries_left=held.tries_left - 1)
                uow.contact_codes.save(after)
                if not after.tries_left:
                    return TooManyTries()
                return WrongCode(tries_left=after.tries_left)
            uow.contact_codes.remove(held.id)
            confirmed = self._book.save_in(
                uow, application, contact_via=held.via, contact_at_utc=self._clock()
            )
            self._audit.append_in(
                uow, actor, "onboarding.contact", application.id, "done", "own_application",
                {"via": held.via},
            )  # fmt: skip
            return confirmed

        answer = self._store.write(work)
        if isinstance(answer, BankError):
            raise answer
        return answer

    def mail_link(self, actor: Actor) -> str:
        """Mail a way back; return the address masked. Raises ApplicationIncomplete, RateLimited."""
        held = self._store.read(lambda uow: self._book.open_in(uow, actor))
        if held.contact_at_utc is None:
            raise ApplicationIncomplete(missing="contact")
        self._failures.take(("contact_link", held.id))

        def work(uow: UnitOfWork) -> None:
            application = self._book.open_in(uow, actor)
            self.link_in(uow, application, "resume_link")

        self._store.write(work)
        return mask_address(self._confirmed(held)[1])

    def link_in(self, uow: UnitOfWork, application: Application, text_code: str) -> None:
        """Send a text with a fresh way back to the confirmed address, in the caller's write."""
        token, details = make_token(), self._book.details(application)
        kind, to = self._confirmed(application)
        days = number("application", "resume_link_days")
        uow.resume_links.add(
            ResumeLink(hash_token(token), application.id, self._clock() + timedelta(days=days))
        )
        self._mail_in(
            uow, text_code, kind=kind, to=to,
            name=details.get("given_names", ""), days=str(days),
            link=f"{self._public_url}/onboarding/resume?t={token}",
        )  # fmt: skip

    def resume(self, token: str, conversation_id: ConversationId) -> Application:
        """Move the application of a link to this conversation. Raises LinkInvalid."""

        def work(uow: UnitOfWork) -> Application:
            link: ResumeLink | None = uow.resume_links.find(hash_token(token))
            now_utc = self._clock()
            if link is None or link.used_at_utc is not None or link.expires_at_utc <= now_utc:
                raise LinkInvalid
            application: Application = uow.applications.get(link.application_id, lock=True)
            if not is_open(application):
                raise LinkInvalid
            self._make_room_in(uow, conversation_id, application)
            uow.resume_links.save(replace(link, used_at_utc=now_utc))
            moved = self._book.save_in(
                uow, application, conversation_id=conversation_id,
                challenge=kept_challenge(application, application.retry),
            )  # fmt: skip
            self._audit.append_in(
                uow, SYSTEM, "onboarding.resume", application.id, "done", "mailed_link", {}
            )
            return moved

        return self._store.write(work)

    def _make_room_in(
        self, uow: UnitOfWork, conversation_id: ConversationId, application: Application
    ) -> None:
        """End what was only begun in the conversation: one has one open application."""
        other = self._book.newest_of_in(uow, conversation_id)
        if other is None or other.id == application.id or not is_open(other):
            return
        if other.state is not ApplicationState.COLLECTING:
            raise LinkInvalid
        until_utc = self._clock() + keep_for(ApplicationState.WITHDRAWN)
        self._evidence.keep_until_in(uow, other.id, until_utc=until_utc)
        self._book.save_in(uow, other, state=ApplicationState.WITHDRAWN)

    def expire_due(self) -> int:
        """End applications whose time is over; returns how many."""
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> int:
            due: list[Application] = uow.applications.list(
                state=RUNNING, expires_at_utc__lte=now_utc, limit=EXPIRED_AT_ONCE
            )
            # What a person is looking at does not run out.
            over = [one for one in due if one.state is not ApplicationState.IN_REVIEW]
            for one in over:
                until_utc = now_utc + keep_for(ApplicationState.EXPIRED)
                self._evidence.keep_until_in(uow, one.id, until_utc=until_utc)
                self._book.save_in(uow, one, state=ApplicationState.EXPIRED)
            return len(over)

        return self._store.write(work)

    def mail_in(self, uow: UnitOfWork, application: Application, text_code: str) -> None:
        """Send a text without a link to the confirmed address, in the caller's transaction."""
        name = self._book.details(application).get("given_names", "")
        kind, to = self._confirmed(application)
        self._mail_in(uow, text_code, kind=kind, to=to, name=name)

    def _confirmed(self, application: Application) -> tuple[OutboxKind, str]:
        """Return the one address a code has come back from: the other may be a stranger's."""
        via = application.contact_via
        return _KIND[via], self._book.details(application)[via]

    def _mail_in(
        self, uow: UnitOfWork, text_code: str, *, kind: OutboxKind, to: str, **facts: str
    ) -> None:
        text = self._texts.render(text_code, locale="en", facts=facts)
        self._outbox.add_in(uow, kind=kind, to=to, subject=text.subject, body=text.body)

    def _hash(self, application_id: str, code: str) -> str:
        return self._digests.digest("contact-code", f"{application_id}|{code}")
