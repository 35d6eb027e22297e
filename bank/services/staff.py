"""Staff: accounts with roles, a password and an authenticator app; never a password alone.

login(name, password) ─▶ totp_enrolment ─▶ begin_totp ─▶ confirm_totp ─┐
                     └─▶ totp_required ──▶ login with the code ───┴─▶ session
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bank.domain.actors import Actor, ActorKind
from bank.domain.customers import parse_login_name, parse_person_name, validate_password
from bank.domain.errors import (
    InvalidInput,
    InvalidText,
    NotFound,
    NotPermitted,
    TotpEnrolmentRequired,
    TotpRequired,
    WrongCredentials,
)
from bank.domain.ids import StaffId, make_id
from bank.domain.staff import Role, StaffMember, StaffState
from bank.ports import Clock, Passwords, Store, Totp, UnitOfWork, Vault
from bank.services.audit import Audit
from bank.services.failures import Failures
from bank.services.login_events import tell_staff_failed
from bank.services.security_events import SecurityEvents
from bank.services.sessions import Sessions


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """What the authenticator app needs; shown once, `uri` (otpauth://) as a QR code."""

    secret: str
    uri: str


class Staff:
    """Colleagues."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        passwords: Passwords,
        totp: Totp,
        vault: Vault,
        failures: Failures,
        sessions: Sessions,
        audit: Audit,
        events: SecurityEvents,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._totp = totp
        self._vault = vault
        self._failures = failures
        self._sessions = sessions
        self._audit = audit
        self._events = events

    def create(
        self,
        actor: Actor,
        *,
        login_name: str,
        full_name: str,
        roles: Collection[str],
        password: str | None = None,
        password_hash: str | None = None,
        display_name: str | None = None,
        staff_id: str | None = None,
        totp_secret: str | None = None,
    ) -> StaffMember:
        """Make a colleague. The bank and admins. `totp_secret` enrols at once (the demo town).

        Raises NotPermitted, InvalidInput, AlreadyExists.
        """
        _require_admin(actor)
        known = {str(role) for role in Role}
        if not roles or not set(roles) <= known:
            raise InvalidInput(field="roles", allowed=", ".join(sorted(known)))
        if (password is None) == (password_hash is None):
            raise InvalidInput(field="password")
        if password is not None:
            password_hash = self._passwords.hash(validate_password(password))
        assert password_hash is not None
        member_id = StaffId(staff_id or make_id("st"))
        name = parse_person_name(full_name)
        member = StaffMember(
            id=member_id,
            login_name=parse_login_name(login_name),
            full_name=name,
            display_name=parse_person_name(display_name) if display_name else name.split()[0],
            roles=tuple(sorted(str(role) for role in roles)),
            password_hash=password_hash,
            state=StaffState.ACTIVE,
            created_at_utc=self._clock(),
            totp_secret_enc=self._sealed(member_id, totp_secret) if totp_secret else None,
            totp_confirmed=totp_secret is not None,
        )

        def work(uow: UnitOfWork) -> StaffMember:
            uow.staff.add(member)
            self._audit.append_in(uow, actor, "staff.create", member.id)
            return member

        return self._store.write(work)

    def get(self, actor: Actor, staff_id: str) -> StaffMember:
        """Return a colleague to a colleague. Raises NotFound, NotPermitted."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        found: StaffMember = self._store.read(lambda uow: uow.staff.get(staff_id))
        return found

    def names(self) -> dict[str, str]:
        """Return the names colleagues see, by id."""
        everybody = self._store.read(lambda uow: uow.staff.list(limit=5_000))
        return {member.id: member.full_name for member in everybody}

    def login(
        self,
        login_name: str,
        password: str,
        *,
        code: str | None = None,
        ip_hash: str = "",
        source_ip: str | None = None,
    ) -> tuple[str, StaffMember]:
        """Start a session with password and code; return its token and whose it is.

        ip_hash counts tries; source_ip is for the security desk only.

        Raises WrongCredentials, TotpEnrolmentRequired, TotpRequired, RateLimited.
        """
        member = self._check_password(login_name, password, ip_hash=ip_hash, source_ip=source_ip)
        if not member.totp_confirmed:
            raise TotpEnrolmentRequired
        if code is None or not code.strip():
            raise TotpRequired
        return self._enter(self._use_code(member.id, code, source_ip=source_ip))

    def begin_totp(self, login_name: str, password: str, *, ip_hash: str = "") -> TotpEnrolment:
        """Return a new authenticator secret, not valid until `confirm_totp`.

        Raises WrongCredentials, NotPermitted (one is in use: an admin resets it).
        """
        member = self._check_password(login_name, password, ip_hash=ip_hash)
        if member.totp_confirmed:
            raise NotPermitted(reason="totp_in_use")
        secret = self._totp.make_secret()
        sealed = self._sealed(member.id, secret)

        def work(uow: UnitOfWork) -> None:
            held: StaffMember = uow.staff.get(member.id, lock=True)
            if held.totp_confirmed:  # somebody was quicker
                raise NotPermitted(reason="totp_in_use")
            uow.staff.save(replace(held, totp_secret_enc=sealed))

        self._store.write(work)
        return TotpEnrolment(secret, self._totp.uri(secret, name=member.login_name))

    def confirm_totp(
        self,
        login_name: str,
        password: str,
        *,
        code: str,
        ip_hash: str = "",
        source_ip: str | None = None,
    ) -> tuple[str, StaffMember]:
        """Finish the enrolment with the app's first code, and start a session."""
        member = self._check_password(login_name, password, ip_hash=ip_hash, source_ip=source_ip)
        if member.totp_confirmed:
            raise NotPermitted(reason="totp_in_use")
        return self._enter(self._use_code(member.id, code, source_ip=source_ip))

    def reset_totp(self, actor: Actor, staff_id: str) -> None:
        """Let a colleague who lost the app enrol anew; ends their sessions. Admins."""
        self._change(
            actor, staff_id, "staff.reset_totp", totp_secret_enc=None, totp_confirmed=False
        )

    def set_state(self, actor: Actor, staff_id: str, state: StaffState) -> None:
        """Freeze or unfreeze a colleague; a frozen one is out at once. Admins."""
        self._change(actor, staff_id, "staff.set_state", state=state)

    def _change(self, actor: Actor, staff_id: str, action: str, **values: object) -> None:
        _require_admin(actor)

        def work(uow: UnitOfWork) -> None:
            held: StaffMember = uow.staff.get(staff_id, lock=True)
            uow.staff.save(replace(held, **values))  # type: ignore[arg-type]
            self._sessions.end_all_in(uow, staff_id)
            self._audit.append_in(uow, actor, action, staff_id)

        self._store.write(work)

    def _check_password(
        self, login_name: str, password: str, *, ip_hash: str, source_ip: str | None = None
    ) -> StaffMember:
        try:
            name, password = parse_login_name(login_name), validate_password(password)
        except (InvalidText, InvalidInput):
            name, password = "", ""
        scopes = (("staff_login", name), ("login_address", f"staff|{ip_hash}"))
        filled = self._failures.take(*scopes)
        member: StaffMember | None = self._store.read(lambda uow: uow.staff.first(login_name=name))
        fits = self._passwords.verify(member.password_hash if member else None, password)
        if member is None or not fits or member.state is not StaffState.ACTIVE:
            tell_staff_failed(
                self._store, self._events, staff_id=member.id if member else None,
                reason="wrong_credentials", filled=filled, source_ip=source_ip,
            )  # fmt: skip
            raise WrongCredentials
        self._failures.forget(*scopes)
        return member

    def _use_code(self, staff_id: str, code: str, *, source_ip: str | None = None) -> StaffMember:
        """Spend a code; each time step counts once. Raises WrongCredentials, RateLimited."""
        filled = self._failures.take(("staff_code", staff_id))

        def work(uow: UnitOfWork) -> StaffMember | None:
            member: StaffMember = uow.staff.get(staff_id, lock=True)
            if member.totp_secret_enc is None:
                raise TotpEnrolmentRequired
            secret = self._vault.open(member.totp_secret_enc, place=_place(member.id)).decode()
            step = self._totp.find_step(
                secret,
                "".join(code.split()),
                at_utc=self._clock(),
                after_step=member.totp_last_step,
            )
            if step is None:
                return None
            member = replace(member, totp_last_step=step, totp_confirmed=True)
            uow.staff.save(member)
            return member

        member = self._store.write(work)
        if member is None:
            tell_staff_failed(
                self._store, self._events, staff_id=staff_id, reason="wrong_code",
                filled=filled, source_ip=source_ip,
            )  # fmt: skip
            raise WrongCredentials
        self._failures.forget(("staff_code", staff_id))
        return member

    def _enter(self, member: StaffMember) -> tuple[str, StaffMember]:
        token, _ = self._sessions.start_staff(member)
        return token, member

    def _sealed(self, staff_id: str, secret: str) -> bytes:
        return self._vault.seal(secret.encode(), place=_place(staff_id))


def open_totp_secret(member: StaffMember, vault: Vault) -> str:
    """Return a colleague's secret in clear: for the demo's phone page only."""
    if member.totp_secret_enc is None:
        raise NotFound(table="staff")
    return vault.open(member.totp_secret_enc, place=_place(member.id)).decode()


def _place(staff_id: str) -> str:
    return f"staff|{staff_id}|totp_secret"


def _require_admin(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        actor.require_staff(Role.ADMIN)
