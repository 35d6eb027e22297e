"""Making one specimen from a seed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources

import numpy as np

from identity.claims import Claims
from identity.document.mrz import parse_lines
from identity.document.reading import Picture
from identity.specimens import drawing
from identity.specimens.holders import Holder, make_holder
from identity.specimens.kinds import KINDS, Kind, Tamper
from identity.specimens.photographing import make_shot, photograph
from identity.specimens.portraits import make_portrait
from identity.specimens.tampering import (
    Print,
    alter_file,
    alter_page,
    alter_picture,
    make_print,
)

#: The day specimens are made for: valid ones expire after it. Seeds mean the same for ever.
TODAY = date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A synthetic document and the truth about it.

    `fields` is what the machine-readable zone prints (names of FIELDS), `visual` what the visual
    zone prints, in the same form; they differ where tampered. `claims` is what the applicant says:
    the names of the visual zone of the untampered document, in their own letters.
    """

    kind: str
    front: Picture
    back: Picture | None
    fields: Mapping[str, str]
    visual: Mapping[str, str]
    lines: tuple[str, ...]
    claims: Claims
    tamper: Tamper | None
    face_seed: int
    zone_font: str


def make_specimen(
    seed: int,
    *,
    kind: str = "passport",
    tamper: Tamper | str | None = None,
    photographed: bool = True,
    poor: bool = False,
    issuer: str | None = None,
    today: date = TODAY,
) -> Specimen:
    """Return one document, the same for the same arguments. Pictures are RGB.

    `photographed=False` gives the flat pages; `poor` photographs are blurred, dark or glaring
    more than a guided capture lets through. Raises KeyError, ValueError: no such kind, tamper.
    """
    card = KINDS[kind]
    tampered = None if tamper is None else Tamper(tamper)
    rng = np.random.default_rng([seed, *kind.encode(), 7])
    look = drawing.make_look(rng)
    forms = _forms(card)
    holder = make_holder(rng, kind=card, today=today, forms=forms)
    other = make_holder(rng, kind=card, today=today, forms=forms)
    if issuer is not None:
        holder = replace(holder, issuer=issuer, nationality=issuer)
    code = str(rng.choice(card.document_codes))
    face_seed = int(rng.integers(2**31))
    printed = make_print(holder, other, kind=card, code=code, tamper=tampered, rng=rng, today=today)
    pages = _draw(card, look, printed, face_seed)
    pages = [alter_page(pages[0], kind=card, look=look, tamper=tampered, rng=rng), *pages[1:]]
    pages = [alter_picture(one, tamper=tampered, rng=rng) for one in pages]
    if photographed:
        pages = [photograph(one, make_shot(rng, poor=poor), rng) for one in pages]
    pages[0] = alter_file(pages[0], tamper=tampered, rng=rng)
    mrz = parse_lines(printed.lines, today=today)
    assert mrz is not None, printed.lines
    return Specimen(
        kind=kind,
        front=pages[0],
        back=pages[1] if card.has_back else None,
        fields=mrz.fields,
        visual=_visual(printed, code),
        lines=printed.lines,
        claims=_claims(holder, printed, tampered),
        tamper=tampered,
        face_seed=face_seed,
        zone_font=drawing.zone_font_name(),
    )


def _draw(card: Kind, look: drawing.Look, printed: Print, face_seed: int) -> list[Picture]:
    values = drawing.visual_values(printed.visual, look)
    if printed.month_13:
        values["birth_date"] = printed.visual.birth_date.strftime("%d.13.%Y")
    front = drawing.draw_page(
        card, look, values=values, portrait=make_portrait(face_seed),
        lines=() if card.has_back else printed.lines, issuer=printed.issuer, stamp=printed.stamp,
        odd=printed.odd,
    )  # fmt: skip
    if not card.has_back:
        return [front]
    address = f"{1 + face_seed % 90} HARBOUR ROW, {printed.visual.birth_place.upper()}"
    return [front, drawing.draw_back(card, look, printed.lines, address=address, odd=printed.odd)]


def _visual(printed: Print, code: str) -> dict[str, str]:
    holder = printed.visual
    return {
        **{name: text.upper() for name, text in holder.fields(code).items()},
        "issue_date": holder.issue_date.isoformat(),
    }


def _claims(holder: Holder, printed: Print, tamper: Tamper | None) -> Claims:
    """Return what the applicant says: what the machine-readable zone says, wherever one may choose.

    So a changed visual zone is found by comparing the zones, not by comparing with the applicant.
    """
    same = printed.visual if tamper in {Tamper.EXPIRED, Tamper.UNDERAGE} else holder
    return Claims(
        given_names=same.given_names, surname=same.surname, birth_date=same.birth_date, country="PT"
    )


@cache
def _forms(card: Kind) -> Mapping[str, tuple[str, ...]]:
    """Return number formats by issuer; those longer than a zone's nine characters are left out."""
    text = resources.files("identity.authenticity").joinpath("numbers.toml").read_text("utf-8")
    table = tomllib.loads(text)["passport" if card.name == "passport" else "id_card"]
    if card.is_visa:
        return {}
    return {
        code: tuple(form for form in row["forms"] if len(form) <= 9) or ("LNNNNNNN",)
        for code, row in table.items()
    }
