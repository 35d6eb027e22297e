"""Applicants for tests: how far they have come, the pictures they send, the checks they wait for."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from PIL import Image, ImageDraw

from bank.bootstrap import Bank
from bank.domain.actors import Actor
from bank.domain.applications import Application, wanted_pictures
from bank.domain.findings import Breakdown, Finding, Weight
from bank.domain.identity_jobs import JobKind
from bank.services.outbox import place_of
from identity.intake import clean_picture
from identity.liveness.packing import pack_frames
from tests.web.house import bearer, start_chat

_NO_PICTURES: Mapping[str, bytes] = {}

DETAILS = {
    "given_names": "Amal Nour", "surname": "Haddad", "birth_date": "1990-04-12",
    "street": "Harbour Road 4", "postcode": "10115", "city": "Berlin", "country": "DE",
    "purpose": "salary", "email": "amal@example.org",
}  # fmt: skip


def an_application(bank: Bank, actor: Actor, *, document_type: str = "passport") -> Application:
    """The application of this conversation, waiting for its pictures."""
    bank.onboarding.start(actor)
    bank.onboarding.give_consent(actor, terms=True)
    bank.onboarding.choose_path(actor, biometrics=True)
    for name, text in DETAILS.items():
        bank.onboarding.set_detail(actor, name, text)
    return bank.onboarding.choose_document(actor, document_type)


async def an_applicant(branch: Any, **more: Any) -> tuple[str, Actor]:
    """A visitor's chat with an open application; returns its token and its actor."""
    token, _ = await start_chat(branch.client)
    actor = branch.bank.sessions.verify(token).actor()
    an_application(branch.bank, actor, **more)
    return token, actor


def a_picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG", mark: int = 0, **more: Any) -> bytes:
    """A picture; another `mark`, another picture."""
    out = io.BytesIO()
    picture = Image.new("RGB", size, "teal")
    ImageDraw.Draw(picture).rectangle((0, 0, 8 + 8 * mark, 12), fill="white")
    picture.save(out, format=kind, **more)
    return out.getvalue()


async def upload(client: Any, token: str, raw: bytes, kind: str = "document_front") -> aiohttp.ClientResponse:
    form = aiohttp.FormData()
    form.add_field("kind", kind)
    form.add_field("file", raw, filename="x", content_type="image/png")
    return await client.post("/api/chat/uploads", data=form, headers=bearer(token))


def finding(code: str, weight: Weight = Weight.RETRY, about: str = "") -> Finding:
    return Finding(code, Breakdown.IMAGE_INTEGRITY, weight, f"About {code}.", about=about)


def look_ends(bank: Bank, job_id: str, findings: Sequence[Finding] = ()) -> None:
    """The identity process has looked at a picture."""
    bank.verdicts.record_look(job_id, list(findings))


def a_verdict(outcome: str, **more: Any) -> dict[str, Any]:
    """What the checks say of an application, in their own JSON."""
    return {
        "outcome": outcome,
        "decision": outcome,
        "risk": "cdd",
        "four_eyes": False,
        "reasons": [{"code": "face_unlike", "text": "Selfie and portrait are not alike."}],
        "findings": [
            {
                "code": "face_unlike", "breakdown": "face_comparison", "weight": "review",
                "text": "Selfie and portrait are not alike.", "score": 0.71, "about": "selfie",
            },
            {
                "code": "glare", "breakdown": "image_integrity",
                "weight": "retry" if outcome == "needs_retry" else "hint",
                "text": "Some glare at the right edge.", "score": 0.31, "about": "document_front",
            },
        ],
        "comparison": [
            {
                "field": "surname", "mrz": "HADDAD", "visual": "Haddad", "barcode": "",
                "claim": "Haddad", "agree": True,
            },
            {
                "field": "birth_date", "mrz": "1990-04-21", "visual": "1990-04-12", "barcode": "",
                "claim": "1990-04-12", "agree": False,
            },
        ],
        "scores": {
            "similarity": {"value": 0.86, "threshold": 0.9},
            "liveness": {"value": 0.92, "threshold": 0.5},
        },
        "screening": {
            "list_version": "2026-11-20",
            "hits": [
                {
                    "name": "HADDAD, Amal Said", "source": "OFAC SDN", "entry_id": "18332",
                    "score": 0.81, "born_dates": ["1958"], "countries": ["SY"],
                    "programs": ["SDGT"],
                    "reasons": [{"code": "born", "text": "Birth year 1958, told 1990", "score": 0}],
                }
            ],
        },
        "fields": {},
        **more,
    }  # fmt: skip


def keep(bank: Bank, actor: Actor, kind: str, raw: bytes | None = None) -> str:
    """Keep and attach a clean picture; returns the evidence's id."""
    picture = clean_picture(raw or a_picture((320, 200), mark=len(kind)))
    kept = bank.evidence.keep(
        actor.conversation_id, kind, picture.jpeg, width=picture.width, height=picture.height,
        sha256=picture.sha256,
    )  # fmt: skip
    bank.onboarding.attach(actor, kept.id)
    return kept.id


def submitted(bank: Bank, actor: Actor, pictures: Mapping[str, bytes] = _NO_PICTURES) -> str:
    """Everything given and handed in; returns the id of the job that checks it."""
    for kind in wanted_pictures(bank.onboarding.current(actor)):
        keep(bank, actor, kind, pictures.get(kind))
    packed = pack_frames([(a_picture((64, 48), mark=n), n * 200) for n in range(10)])
    frames = bank.evidence.keep(
        actor.conversation_id, "liveness", packed, width=64, height=48, sha256="0" * 64
    )
    challenge_id = bank.onboarding.start_liveness(actor, ("blink", "smile"), 12)
    bank.onboarding.attach_liveness(actor, frames.id, challenge_id=challenge_id)
    confirm_address(bank, actor)
    bank.onboarding.submit(actor)
    jobs = bank.store.read(lambda uow: uow.identity_jobs.list(kind=JobKind.VERIFY))
    return jobs[-1].id


def confirm_address(bank: Bank, actor: Actor) -> None:
    bank.onboarding.send_code(actor, via="email")
    bank.onboarding.confirm_code(actor, sent_code(bank))


def mails(bank: Bank) -> list[str]:
    """What was sent, newest first, before any worker has taken it away."""
    items = bank.store.read(lambda uow: uow.outbox.list(order_by="created_at_utc", descending=True))
    return [bank.vault.open(one.body_enc, place=place_of(one.id)).decode() for one in items]


def sent_code(bank: Bank) -> str:
    """The newest six digits that were sent."""
    found = (re.search(r"\b(\d{6})\b", body) for body in mails(bank))
    return next(one[1] for one in found if one)


def mailed_link(bank: Bank) -> str:
    """The token of the newest way back that was mailed."""
    found = (re.search(r"resume\?t=([\w-]+)", body) for body in mails(bank))
    return next(one[1] for one in found if one)
