"""SAR drafts behind their wall: compliance opens, writes and exports them; nobody else, ever.

    whoever is not compliance ──▶ NotFound, the very answer for a case that does not exist

Prefilled from the alert's page until somebody has written; then every version stays, sealed with
a vault of its own. The audit record holds ids and versions, never a word of the content; the
case's history, which other staff read, holds nothing at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bank.domain.actors import Actor
from bank.domain.cases import Case
from bank.domain.customers import Customer
from bank.domain.errors import Conflict, NotFound
from bank.domain.ids import StaffId, make_id
from bank.domain.risk import Assessment
from bank.domain.sar import PARTS, VERSIONS_MOST, SarDraft, clean_parts, place_of
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork, Vault
from bank.services.alert_pages import AlertPage, AlertPages

ACTION = "sar.draft"


@dataclass(frozen=True, slots=True)
class OpenedDraft:
    """One version, opened. version 0: nobody has written yet, the parts are prefilled."""

    case: Case
    version: int
    parts: Mapping[str, str]
    written_by: str = ""
    written_at_utc: datetime | None = None


class SarDrafts:
    """Reports in the making."""

    def __init__(
        self, store: Store, *, clock: Clock, vault: Vault, audit: Auditor, pages: AlertPages
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._audit = audit
        self._pages = pages

    def open(self, actor: Actor, case_id: str) -> OpenedDraft:
        """Return the newest version, or a prefilled one. Raises NotFound."""
        reason = _require(actor)

        def work(uow: UnitOfWork) -> OpenedDraft:
            opened = self._newest_in(uow, actor, case_id)
            self._note_in(uow, actor, "sar.open", opened, reason)
            return opened

        return self._store.write(work)

    def write(
        self, actor: Actor, case_id: str, parts: Mapping[str, str], *, after_version: int
    ) -> OpenedDraft:
        """Keep a new version. after_version: the one that was read, 0 for the prefilled one.

        Raises NotFound, Conflict (somebody else wrote meanwhile), InvalidInput.
        """
        reason = _require(actor)
        clean = clean_parts(parts)

        def work(uow: UnitOfWork) -> OpenedDraft:
            page = self._page_in(uow, actor, case_id, lock=True)
            newest = _version_in(uow, page.case.id)
            if newest != after_version or newest >= VERSIONS_MOST:
                raise Conflict(case_id=page.case.id, version=str(newest))
            draft_id, now_utc = make_id("sa"), self._clock()
            sealed = self._vault.seal(json.dumps(clean).encode(), place=place_of(draft_id))
            uow.sar_drafts.add(
                SarDraft(
                    id=draft_id,
                    case_id=page.case.id,
                    version=newest + 1,
                    parts_enc=sealed,
                    written_by=StaffId(actor.id),
                    written_at_utc=now_utc,
                )
            )
            opened = OpenedDraft(page.case, newest + 1, clean, actor.id, now_utc)
            self._note_in(uow, actor, "sar.write", opened, reason)
            return opened

        return self._store.write(work)

    def export(self, actor: Actor, case_id: str) -> str:
        """Return the newest version as plain text, for whoever files it. Raises NotFound."""
        reason = _require(actor)

        def work(uow: UnitOfWork) -> OpenedDraft:
            opened = self._newest_in(uow, actor, case_id)
            self._note_in(uow, actor, "sar.export", opened, reason)
            return opened

        return as_text(self._store.write(work))

    def _newest_in(self, uow: UnitOfWork, actor: Actor, case_id: str) -> OpenedDraft:
        page = self._page_in(uow, actor, case_id)
        found: list[SarDraft] = uow.sar_drafts.list(
            case_id=page.case.id, order_by="version", descending=True, limit=1
        )
        if not found:
            return OpenedDraft(page.case, 0, _prefilled(uow, page))
        draft = found[0]
        parts = json.loads(self._vault.open(draft.parts_enc, place=place_of(draft.id)))
        return OpenedDraft(page.case, draft.version, parts, draft.written_by, draft.written_at_utc)

    def _page_in(
        self, uow: UnitOfWork, actor: Actor, case_id: str, *, lock: bool = False
    ) -> AlertPage:
        if lock:  # two who write at once are told apart by the version
            uow.cases.get(case_id, lock=True)
        return self._pages.read_in(uow, actor, case_id)

    def _note_in(
        self, uow: UnitOfWork, actor: Actor, action: str, opened: OpenedDraft, reason: str
    ) -> None:
        self._audit.append_in(
            uow, actor, action, opened.case.id, "done", reason, {"version": opened.version}
        )


def as_text(opened: OpenedDraft) -> str:
    """Return a draft as text. Says on every page's first line what it is and to whom it goes."""
    lines = [
        f"SUSPICIOUS ACTIVITY REPORT - DRAFT of case {opened.case.id}, version {opened.version}",
        "Compliance only. Telling the customer, or anybody else, that this exists is an offence.",
    ]
    for name in PARTS:
        lines += ["", name.upper(), opened.parts.get(name, "") or "-"]
    return "\n".join(lines) + "\n"


def _require(actor: Actor) -> str:
    """Return why it is allowed; to everybody else there is nothing here. Raises NotFound."""
    decision = access.decide(actor, ACTION)
    if not decision.allowed:
        raise NotFound(table="cases")
    return decision.reason


def _version_in(uow: UnitOfWork, case_id: str) -> int:
    found: list[SarDraft] = uow.sar_drafts.list(
        case_id=case_id, order_by="version", descending=True, limit=1
    )
    return found[0].version if found else 0


def _prefilled(uow: UnitOfWork, page: AlertPage) -> dict[str, str]:
    """Return what the bank knows already; the narrative is a person's work."""
    return clean_parts(
        {
            "subject": _subject(uow, page.case),
            "activity": "\n".join(_activity(one, page) for one in page.assessments),
            "grounds": "\n".join(
                f"- {one['sentence']}"
                for seen in page.assessments
                for one in seen.signals.get("signals", ())
                if float(one.get("share", 0.0)) > 0
            ),
            "chronology": "\n".join(
                f"{one.at_utc:%Y-%m-%d %H:%M} UTC  {one.sentence}"
                for one in (page.timeline.marks if page.timeline else ())
            ),
        }
    )


def _subject(uow: UnitOfWork, case: Case) -> str:
    if case.customer_id is None:
        return ""
    who: Customer = uow.customers.get(case.customer_id)
    born = f", born {who.birth_date}" if who.birth_date else ""
    accounts = uow.accounts.list(customer_id=who.id)
    return "\n".join(
        [
            f"{who.full_name}{born}, {who.country}",
            f"Customer {who.id} since {who.created_at_utc:%Y-%m-%d}, KYC tier {who.kyc_tier}",
            *(f"Account {one.iban} ({one.currency})" for one in accounts),
        ]
    )


def _activity(seen: Assessment, page: AlertPage) -> str:
    """Return one act. The receiving account stands in full: the authority needs it."""
    transfer = page.transfers.get(seen.subject_id)
    act = seen.act.value.replace("_", " ")
    parts = [f"{seen.at_utc:%Y-%m-%d %H:%M} UTC", act]
    if transfer is not None:
        parts.append(f"{transfer.amount} to {transfer.payee_name}")
    if seen.to_iban:
        parts.append(seen.to_iban)
    parts.append(f"{seen.decision.value} at a probability of {seen.probability:.1%}")
    if seen.outcome is not None:
        parts.append(f"found {seen.outcome.value}")
    return ", ".join(parts)
