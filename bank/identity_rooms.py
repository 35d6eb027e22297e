"""Identity rooms: puts together the services of onboarding. A part of bootstrap, apart for size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.delivery.texts import TomlTexts
from bank.ports import Clock, Store
from bank.security.vault import AesGcmVault
from bank.services.application_book import ApplicationBook
from bank.services.case_book import CaseBook
from bank.services.contact import Contact
from bank.services.evidence import EvidenceRoom
from bank.services.face_answers import FaceAnswers
from bank.services.face_keys import FaceKeys
from bank.services.face_trials import FaceTrials
from bank.services.failures import Failures
from bank.services.identity_jobs import IdentityJobs
from bank.services.kyc_desk import KycDesk
from bank.services.new_customers import NewCustomers
from bank.services.onboarding import Onboarding
from bank.services.stepped_up import SteppedUp
from bank.services.unfinished import Unfinished
from bank.services.verdicts import Verdicts
from bank.storage.files import FolderFiles, MemoryFiles

if TYPE_CHECKING:
    from bank.bootstrap import People
    from bank.settings import Settings

#: Of stores that do not outlive the process.
LOCAL_URL = "http://localhost:8080"


@dataclass(frozen=True, kw_only=True)
class IdentityRooms:
    """Who wants to become a customer, what they showed, who decides."""

    evidence: EvidenceRoom
    identity_jobs: IdentityJobs
    onboarding: Onboarding
    verdicts: Verdicts
    kyc: KycDesk
    unfinished: Unfinished
    face_keys: FaceKeys
    face_trials: FaceTrials
    face_answers: FaceAnswers


def make_identity(
    store: Store, *, clock: Clock, people: People, settings: Settings | None = None
) -> IdentityRooms:
    """Return the services of onboarding over a store; pictures go beside the database."""
    audit = people.audit
    evidence = EvidenceRoom(
        store,
        clock=clock,
        files=FolderFiles(settings.home_dir / "evidence") if settings else MemoryFiles(),
        vault=people.vault,
        digests=people.keyring,
        audit=audit,
    )
    jobs = IdentityJobs(store, clock=clock, vault=people.vault)
    book = ApplicationBook(clock=clock, vault=people.vault, digests=people.keyring)
    failures = Failures(store, clock=clock, digests=people.keyring)
    contact = Contact(
        store,
        clock=clock,
        book=book,
        digests=people.keyring,
        failures=failures,
        outbox=people.outbox,
        texts=TomlTexts(),
        evidence=evidence,
        audit=audit,
        public_url=public_url_of(settings),
    )
    verdicts = Verdicts(
        store,
        clock=clock,
        book=book,
        contact=contact,
        evidence=evidence,
        jobs=jobs,
        cases=people.cases,
        new_customers=NewCustomers(clock=clock, audit=audit),
        audit=audit,
    )
    faces = FaceKeys(
        store,
        clock=clock,
        vault=AesGcmVault(people.keyring, purpose="faces"),
        book=book,
        evidence=evidence,
        stepped_up=SteppedUp(store, step_up=people.step_up),
        outbox=people.outbox,
        texts=TomlTexts(),
        audit=audit,
    )
    return IdentityRooms(
        face_keys=faces,
        face_trials=FaceTrials(
            store, clock=clock, keys=faces, evidence=evidence, jobs=jobs, failures=failures
        ),
        face_answers=FaceAnswers(
            store,
            clock=clock,
            keys=faces,
            evidence=evidence,
            jobs=jobs,
            step_up=people.step_up,
            failures=failures,
            audit=audit,
        ),
        evidence=evidence,
        identity_jobs=jobs,
        verdicts=verdicts,
        onboarding=Onboarding(
            store,
            clock=clock,
            book=book,
            contact=contact,
            evidence=evidence,
            jobs=jobs,
            cases=people.cases,
            passwords=people.passwords,
            audit=audit,
        ),
        unfinished=Unfinished(
            store, clock=clock, book=book, jobs=jobs, verdicts=verdicts, audit=audit
        ),
        kyc=KycDesk(
            store,
            clock=clock,
            book=book,
            case_book=CaseBook(clock=clock, audit=audit, events=people.security_events),
            verdicts=verdicts,
            contact=contact,
            evidence=evidence,
            jobs=jobs,
            audit=audit,
        ),
    )


def public_url_of(settings: Settings | None) -> str:
    """Return the address customers see."""
    return settings.public_url if settings else LOCAL_URL
