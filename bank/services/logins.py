"""Logins: a name and a password, checked slowly and equally for names nobody has.

    too many tries ─▶ RateLimited       from one address on one name: soon; on one name from
    wrong or unknown ─▶ WrongCredentials    anywhere: later; one address on many names: later

A try is counted before the password is looked at, so parallel guesses do not slip through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.customers import Customer, Login, parse_login_name, validate_password
from bank.domain.errors import InvalidInput, InvalidText, NotPermitted, WrongCredentials
from bank.domain.sessions import Session
from bank.ports import Clock, Passwords, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.failures import Failures
from bank.services.habits import Habits
from bank.services.login_events import tell_failed
from bank.services.security_events import SecurityEvents
from bank.services.sessions import Sessions


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login's result. The token is shown once; the session keeps its hash."""

    token: str
    session: Session
    customer: Customer


class Logins:
    """Passwords of customers."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        passwords: Passwords,
        failures: Failures,
        sessions: Sessions,
        audit: Audit,
        habits: Habits,
        events: SecurityEvents,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._failures = failures
        self._sessions = sessions
        self._audit = audit
        self._habits = habits
        self._events = events

    def check(
        self, login_name: str, password: str, *, ip_hash: str, source_ip: str | None = None
    ) -> Customer:
        """Return the customer whose name and password these are.

        ip_hash counts tries and is kept; source_ip is for the bank's security desk only.
        Raises WrongCredentials (never says which), RateLimited.
        """
        try:
            name = parse_login_name(login_name)
        except InvalidText:
            name = ""  # nobody's name: still takes as long
        try:
            password = validate_password(password)
        except InvalidInput:
            password = ""  # nobody's password
        per_name = (("login_name", name), ("login_name_address", f"{name}|{ip_hash}"))
        per_address = ("login_address", ip_hash)
        filled = self._failures.take(*per_name, per_address)
        customer, login = self._store.read(lambda uow: _find(uow, name))
        if not self._passwords.verify(login.password_hash if login else None, password):
            tell_failed(
                self._store, self._events, customer_id=customer.id if customer else None,
                filled=filled, source_ip=source_ip,
            )  # fmt: skip
            raise WrongCredentials
        assert customer is not None, name
        assert login is not None, name
        # The address keeps its count: one good account must not buy guesses at others.
        self._failures.forget(*per_name)
        self._habits.note_login(customer.id, place=ip_hash, source_ip=source_ip)
        if self._passwords.is_outdated(login.password_hash):
            fresh = replace(login, password_hash=self._passwords.hash(password))
            self._store.write(lambda uow: uow.logins.save(fresh))
        return customer

    def login(
        self,
        login_name: str,
        password: str,
        *,
        ip_hash: str,
        conversation_id: str | None = None,
        source_ip: str | None = None,
    ) -> LoggedIn:
        """Check and start a session, with a new conversation unless one is named.

        In a running visitor session use `check` and `sessions.upgrade` instead.
        Raises WrongCredentials, RateLimited.
        """
        customer = self.check(login_name, password, ip_hash=ip_hash, source_ip=source_ip)
        token, session = self._sessions.start_customer(
            customer, LoginLevel.PASSWORD, conversation_id=conversation_id, place=ip_hash
        )
        return LoggedIn(token, session, customer)

    def set_password(
        self, actor: Actor, customer_id: str, password: str, *, old_password: str | None = None
    ) -> None:
        """Set a customer's password; they prove the old one, the bank need not.

        Ends every other session of the customer. Raises InvalidInput, WrongCredentials.
        """
        if actor.kind is not ActorKind.SYSTEM and (
            actor.kind is not ActorKind.CUSTOMER or actor.id != customer_id
        ):
            raise NotPermitted(actor=actor.kind)
        password = validate_password(password)
        if actor.kind is ActorKind.CUSTOMER:
            self._failures.take(("login_name", customer_id))
            held: Login | None = self._store.read(lambda uow: uow.logins.find(customer_id))
            if not self._passwords.verify(held.password_hash if held else None, old_password or ""):
                raise WrongCredentials
        password_hash = self._passwords.hash(password)

        def work(uow: UnitOfWork) -> None:
            customer: Customer = uow.customers.get(customer_id)
            login = Login(customer.id, password_hash, self._clock())
            if uow.logins.find(customer_id):
                uow.logins.save(login)
            else:
                uow.logins.add(login)
            self._sessions.end_all_in(uow, customer_id)
            self._audit.append_in(uow, actor, "login.set_password", customer_id)

        self._store.write(work)


def _find(uow: UnitOfWork, name: str) -> tuple[Customer | None, Login | None]:
    customer: Customer | None = uow.customers.first(login_name=name)
    return customer, uow.logins.find(customer.id) if customer else None
