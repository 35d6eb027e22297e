"""What the services need from outside: a clock, and a store with units of work.

    store.write(work)     runs work(uow) in one transaction: all of it, or nothing
    store.read(work)      the same, on a snapshot, without the writer's lock

A table keeps one kind of record (a frozen dataclass whose first field is `id`). Filters are
`field=value`, `field=(a, b)` for "one of", and `field__gte / __gt / __lte / __lt / __contains`.

`work` may run more than once (a retried transaction), so it has no effect but through `uow`.
A write never opens inside another unit of work; a read inside one joins it.
Implementations: `storage/memory.py` (the fake of the tests) and `storage/database.py`; both
pass `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bank.domain.actors import Actor
from bank.domain.cases import Case, CaseKind, Priority
from bank.domain.challenges import Challenge, StepUpProof
from bank.domain.ids import ConversationId, CustomerId

R = TypeVar("R")
T = TypeVar("T")


class Clock(Protocol):
    """Tells the time in UTC, always timezone-aware."""

    def __call__(self) -> datetime: ...


class Table(Protocol[R]):
    """Records of one kind, keyed by `id`."""

    def add(self, record: R) -> None:
        """Insert. Raises AlreadyExists when the id or a unique field is taken."""

    def add_many(self, records: Sequence[R]) -> None:
        """Insert many at once, all or (AlreadyExists) none of them."""

    def save(self, record: R) -> None:
        """Replace the record with this id. Raises NotFound."""

    def remove(self, record_id: str) -> None:
        """Delete; silent when absent."""

    def find(self, record_id: str) -> R | None:
        """Return the record or None."""

    def get(self, record_id: str, *, lock: bool = False) -> R:
        """Return the record. `lock` holds it until the transaction ends. Raises NotFound."""

    def list(
        self,
        *,
        order_by: str = "id",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> list[R]:
        """Return the records that match, ordered by one field (ties by id)."""

    def first(self, **filters: Any) -> R | None:
        """Return the first match by id, or None."""

    def count(self, **filters: Any) -> int:
        """Return how many match."""

    def total(self, field: str, **filters: Any) -> int:
        """Return the sum of an integer field over the matches; 0 when none."""

    def latest(self, field: str, *, by: str, keys: Sequence[str], **filters: Any) -> dict[str, Any]:
        """Return by key of the text field `by` the greatest `field` of its matches, if it has any.

        A look a key into an index of (`by`, `field`), all in one question.
        """


class UnitOfWork(Protocol):
    """All tables, inside one transaction. The names are those of `storage/records.py`."""

    def __getattr__(self, name: str) -> Table[Any]: ...


class Store(Protocol):
    """Where records live."""

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction.

        Raises what `work` raises, after undoing it; DatabaseBusy, DiskFull when the database
        cannot.
        """

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` on a consistent snapshot; writes in it are a bug and raise."""

    def close(self) -> None: ...


class Mailer(Protocol):
    """Sends one message by mail, SMS or push; at-least-once, called by the outbox worker."""

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None: ...


class Vault(Protocol):
    """Seals bytes at rest.

    `place` names the cell (table|row|column) and is authenticated: a sealed value moved to
    another cell does not open.
    """

    def make_key(self, *, owner: str) -> bytes:
        """Return a new data key, wrapped by the master key for `owner`."""

    def seal(self, clear: bytes, *, place: str, key: bytes | None = None) -> bytes:
        """Encrypt under a wrapped key of `make_key`, or under the bank's own when None."""

    def open(self, sealed: bytes, *, place: str, key: bytes | None = None) -> bytes:
        """Decrypt. Raises SealBroken: another key, another place, or changed bytes."""


class Files(Protocol):
    """Keeps sealed bytes by name, beside the database."""

    def put(self, name: str, content: bytes) -> None:
        """Write whole or not at all; a name is written once. Raises DiskFull."""

    def get(self, name: str) -> bytes:
        """Return the bytes. Raises NotFound."""

    def remove(self, name: str) -> None:
        """Delete; silent when absent."""


class Digests(Protocol):
    """Keyed digests of short secrets: codes, external ids. Hex, 64 characters."""

    def digest(self, purpose: str, text: str) -> str: ...


class Passwords(Protocol):
    """Slow hashes of passwords."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether they fit; None takes as long and is False."""

    def is_outdated(self, password_hash: str) -> bool: ...


class Totp(Protocol):
    """Time-based one-time codes (RFC 6238)."""

    def make_secret(self) -> str: ...

    def uri(self, secret: str, *, name: str) -> str: ...

    def find_step(self, secret: str, code: str, *, at_utc: datetime, after_step: int) -> int | None:
        """Return the time step the code belongs to, newer than `after_step`; else None."""


class Passkeys(Protocol):
    """WebAuthn ceremonies: options for the browser, checks of what it sends back."""

    def registration_options(
        self,
        *,
        customer_id: str,
        login_name: str,
        full_name: str,
        challenge: bytes,
        known_ids: Sequence[str],
    ) -> dict[str, Any]: ...

    def check_registration(self, credential_json: str, *, challenge: bytes) -> RegisteredKey:
        """Raises InvalidInput."""

    def assertion_options(
        self, *, challenge: bytes, allowed_ids: Sequence[str]
    ) -> dict[str, Any]: ...

    def credential_id(self, assertion_json: str) -> str:
        """Raises WrongCode: not an assertion."""

    def check_assertion(
        self, assertion_json: str, *, challenge: bytes, public_key: bytes, sign_count: int
    ) -> int:
        """Return the new sign count. Raises WrongCode."""


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """What a registration leaves behind."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


class Texts(Protocol):
    """Texts of mails and SMS, by code and locale (delivery/texts.toml)."""

    def render(self, code: str, *, locale: str, facts: Mapping[str, str]) -> RenderedText: ...


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A mail's or SMS's words. An SMS has no subject."""

    subject: str
    body: str


class Anchor(Protocol):
    """Keeps the head of the audit chain outside the database."""

    def load(self) -> tuple[int, str] | None:
        """Return number and hash. Raises AnchorBroken when the file was changed."""

    def save(self, number: int, chain_hash: str) -> None:
        """Store a newer head; an older one is ignored."""


class StepUpGate(Protocol):
    """Asks for more before a risky act, inside the unit of work of that act."""

    def challenge_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        *,
        purpose: str,
        binding: dict[str, Any],
        facts: Mapping[str, str] | None = None,
    ) -> Challenge:
        """Make a challenge for exactly this act and put its code into the outbox, with `facts`."""

    def verify(
        self, actor: Actor, *, purpose: str, binding: dict[str, Any], proof: StepUpProof
    ) -> Challenge:
        """Check the proof in a write of its own: a wrong try counts. Raises StepUpRefused."""

    def consume_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        *,
        purpose: str,
        binding: dict[str, Any],
        proof: StepUpProof,
    ) -> None:
        """Check the proof again and spend it. Raises StepUpRefused."""


class CaseOpener(Protocol):
    """Gives work to staff, inside the unit of work that makes it necessary."""

    def open_in(
        self,
        uow: UnitOfWork,
        *,
        kind: CaseKind,
        queue: str,
        subject: str,
        reason_code: str,
        why: str,
        customer_id: CustomerId | None,
        conversation_id: ConversationId | None,
        priority: Priority,
        idempotency_key: str | None,
        amount_eur_minor: int | None = None,
    ) -> Case:
        """Open a case, or return the one this key has opened."""


class Auditor(Protocol):
    """Writes down who did what."""

    def append_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        action: str,
        resource: str,
        outcome: str,
        why: str,
        details: dict[str, Any],
    ) -> Any:
        """Add one entry to the chain."""
