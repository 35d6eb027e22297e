"""Staff: the people behind the console, their roles, and what each role is for.

    agent       answers customers            kyc         decides identity checks
    supervisor  reassigns, approves texts    compliance  alerts, privacy, the audit record
    admin       makes staff accounts; sees no customer
    model_owner proposes which version of a model serves, and approves a colleague's proposal

Every member has a password and a TOTP secret; nobody works with a password alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.ids import StaffId


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    KYC = "kyc"
    COMPLIANCE = "compliance"
    ADMIN = "admin"
    MODEL_OWNER = "model_owner"


class StaffState(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One colleague. `totp_last_step` is the newest 30-second step whose code was used."""

    id: StaffId
    login_name: str
    full_name: str
    display_name: str
    roles: tuple[str, ...]
    password_hash: str
    state: StaffState
    created_at_utc: datetime
    totp_secret_enc: bytes | None = None
    totp_confirmed: bool = False
    totp_last_step: int = 0
