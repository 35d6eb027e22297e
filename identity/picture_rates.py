"""How well pictures are judged and visual zones read, on documents of our own making.

    quality     each distortion at rising strength: told in which share; honest ones refused
    visual      fields of the visual zone: right, missing, wrong, over honest specimens
    forensics   screen, copy-move, pasted patch: found and falsely found at a score of 0.5

What `florin identity evaluate` prints. Simulations are kinder than the world, and specimens have
layouts that no issuer uses: the figures compare versions of this code, they promise nothing about
a country's documents. Times are CPU of one thread.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from bank.domain.findings import Weight
from identity.document import forensics
from identity.document.reading import Picture
from identity.document.viz import read_visual
from identity.document.words import fold
from identity.quality import look_at
from identity.specimens import make_specimen
from identity.specimens.kinds import Tamper
from identity.specimens.photographing import Shot, jpeg, photograph

KINDS = ("passport", "id_card", "id_card_td2", "visa_a", "visa_b")
FIELDS = (
    "surname", "given_names", "number", "nationality", "birth_date", "sex", "expiry_date",
    "issue_date",
)  # fmt: skip
#: A rectified page is about this wide.
PAGE_PX = 1_100

Distortion = Callable[[Picture], Picture]


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, and the CPU seconds of one."""

    count: int
    total: int
    cpu_s: float = 0.0

    @property
    def share(self) -> float:
        """In [0, 1]; 0 of nothing is 0."""
        return self.count / self.total if self.total else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the share as tables print it."""
        return {
            "count": self.count, "total": self.total, "share": round(self.share, 4),
            "cpu_s": round(self.cpu_s, 3),
        }  # fmt: skip


def quality_rates(seeds: Iterable[int]) -> dict[str, Share]:
    """Return, for each distortion (and "honest"), in which share the right code was told.

    For "honest": in which share anything was asked to be mended.
    """
    photos = [_fair_photo(seed) for seed in seeds]
    rates = {"honest": _told(photos, bool)}
    for name, (codes, distort) in distortions().items():
        rates[name] = _told([distort(photo) for photo in photos], codes.intersection)
    return rates


def distortions() -> Mapping[str, tuple[frozenset[str], Distortion]]:
    """Return name → (codes of which one must be told, what is done to a fair photo)."""
    blurred, dark = frozenset({"blurred"}), frozenset({"too_dark"})
    glare = frozenset({"glare", "glare_on_text", "glare_on_portrait"})
    pale = frozenset({"too_bright", "low_contrast"})
    table: dict[str, tuple[frozenset[str], Distortion]] = {
        "out of focus, σ 0.6 % of the width": (blurred, lambda one: _soft(one, 0.006)),
        "out of focus, σ 1 %": (blurred, lambda one: _soft(one, 0.01)),
        "shaken by 2.5 % of the width": (blurred, lambda one: _shaken(one, 0.025)),
        "light at 15 %": (dark, lambda one: _scaled(one, 0.15, 0)),
        "contrast at 10 %, bright": (pale, lambda one: _scaled(one, 0.10, 228)),
        "lamp on the page": (glare, _with_lamp),
    }
    for side in ("left", "top", "right", "bottom"):
        cut = frozenset({f"edge_cut_{side}"})
        table[f"a third cut off, {side}"] = (cut, partial(_cut, side=side, share=0.3))
    return table


def visual_rates(seeds: Iterable[int], *, photographed: bool = False) -> dict[str, Any]:
    """Return right, missing, wrong per field and overall, and CPU seconds a page.

    Flat pages show what reading can do; `photographed` ones need the page rectified, which the
    reader does, and measure both.
    """
    right, missing, wrong = Counter[str](), Counter[str](), Counter[str]()
    spent, pages = 0.0, 0
    for seed in seeds:
        specimen = make_specimen(seed, kind=KINDS[seed % len(KINDS)], photographed=photographed)
        began = time.process_time()
        read = (
            _read_photo(specimen)
            if photographed
            else read_visual(_at_page_width(specimen.front))[0]
        )
        spent += time.process_time() - began
        pages += 1
        for name in FIELDS:
            truth = specimen.visual.get(name, "")
            if not truth:
                continue
            said = read.get(name, "")
            (missing if not said else right if _plain(said) == _plain(truth) else wrong)[name] += 1
    total = sum((right + missing + wrong).values())
    return {
        "right": Share(sum(right.values()), total, spent / max(pages, 1)).to_json(),
        "wrong": Share(sum(wrong.values()), total).to_json(),
        "missing_by_field": dict(missing),
        "wrong_by_field": dict(wrong),
    }


def forensic_rates(seeds: Sequence[int]) -> dict[str, Share]:
    """Return in which share each trace is found, and falsely found on honest photos."""
    honest = [_fair_photo(seed) for seed in seeds]
    screens = [
        make_specimen(seed, kind=KINDS[seed % len(KINDS)], tamper=Tamper.SCREEN).front
        for seed in seeds
    ]
    copied = [jpeg(_copy_moved(one, seed), 92) for one, seed in zip(honest, seeds, strict=True)]
    others = [*honest[1:], honest[0]]
    pasted = [_pasted(jpeg(one, 80), other) for one, other in zip(honest, others, strict=True)]
    kept = [jpeg(one, 92) for one in pasted]
    return {
        "screen_moire, screens": _scored(screens, forensics.screen_moire),
        "screen_moire, honest": _scored(honest, forensics.screen_moire),
        "copy_move, copied patches": _scored(copied, forensics.copy_move),
        "copy_move, honest": _scored(honest, forensics.copy_move),
        "ela, pasted, as sent": _scored([jpeg(one, 95) for one in pasted], forensics.ela_score),
        "ela, pasted, as intake keeps it": _scored(kept, forensics.ela_score),
        "ela, honest": _scored(honest, forensics.ela_score),
    }


def _fair_photo(seed: int) -> Picture:
    """Return an upright photo with a margin all round, so that only the distortion is wrong."""
    flat = make_specimen(seed, kind=KINDS[seed % len(KINDS)], photographed=False).front
    rng = np.random.default_rng([seed, 11])
    shot = Shot(
        turn_deg=float(rng.normal(0, 2)), oblique=float(rng.uniform(0, 0.03)),
        fill=float(rng.uniform(0.75, 0.88)), blur_px=float(rng.uniform(0, 0.7)),
        noise=float(rng.uniform(0, 4)), shadow=float(rng.uniform(0, 0.25)),
    )  # fmt: skip
    return photograph(flat, shot, rng)


def _told(photos: Sequence[Picture], hit: Callable[[frozenset[str]], object]) -> Share:
    began, count = time.process_time(), 0
    for photo in photos:
        found = look_at(photo, kind="document_front")
        told = frozenset(one.code for one in found if one.weight is Weight.RETRY)
        count += bool(hit(told))
    return Share(count, len(photos), (time.process_time() - began) / max(len(photos), 1))


def _scored(photos: Sequence[Picture], score: Callable[[Picture], float]) -> Share:
    began = time.process_time()
    count = sum(score(photo) >= 0.5 for photo in photos)
    return Share(count, len(photos), (time.process_time() - began) / max(len(photos), 1))


def _read_photo(specimen: Any) -> Mapping[str, str]:
    from identity.document.reader import read_document  # noqa: PLC0415 - flat pages need none

    return read_document(specimen.front, specimen.back).visual


def _at_page_width(picture: Picture) -> Picture:
    high = round(picture.shape[0] * PAGE_PX / picture.shape[1])
    return np.asarray(cv2.resize(picture, (PAGE_PX, high), interpolation=cv2.INTER_AREA), np.uint8)


def _plain(text: str) -> str:
    return "".join(one for one in fold(text) if one.isalnum())


def _soft(picture: Picture, share: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), picture.shape[1] * share), np.uint8)


def _shaken(picture: Picture, share: float) -> Picture:
    length = round(picture.shape[1] * share) | 1
    return np.asarray(cv2.filter2D(picture, -1, np.full((1, length), 1 / length)), np.uint8)


def _scaled(picture: Picture, by: float, plus: float) -> Picture:
    return np.asarray(np.clip(picture * by + plus, 0, 255), np.uint8)


def _with_lamp(picture: Picture) -> Picture:
    """Return the picture with a reflection in its middle: clipped, fading out."""
    dimmed = picture * 0.8
    high, wide = picture.shape[:2]
    y, x = np.mgrid[:high, :wide]
    far = np.hypot(y - high / 2, x - wide / 2) / (0.07 * wide)
    light = np.clip(1.6 - far, 0, 1)[..., None]
    return np.asarray(np.clip(dimmed * (1 - light) + 268 * light, 0, 255), np.uint8)


def _cut(picture: Picture, *, side: str, share: float) -> Picture:
    high, wide = picture.shape[:2]
    x, y = round(wide * share), round(high * share)
    part = {
        "left": picture[:, x:], "top": picture[y:], "right": picture[:, :-x], "bottom": picture[:-y]
    }[side]  # fmt: skip
    return np.ascontiguousarray(part)


def _copy_moved(picture: Picture, seed: int) -> Picture:
    rng = np.random.default_rng([seed, 12])
    high, wide = picture.shape[:2]
    tall, broad = int(high * 0.12), int(wide * 0.2)
    from_y, from_x = int(high * 0.3), int(wide * 0.35)
    to_y, to_x = int(high * 0.5 + rng.integers(0, 40)), int(wide * 0.4 + rng.integers(0, 60))
    moved = picture.copy()
    moved[to_y : to_y + tall, to_x : to_x + broad] = picture[
        from_y : from_y + tall, from_x : from_x + broad
    ]
    return moved


def _pasted(picture: Picture, other: Picture) -> Picture:
    high, wide = picture.shape[:2]
    tall, broad = int(high * 0.1), int(wide * 0.25)
    top, left = int(high * 0.4), int(wide * 0.4)
    pasted = picture.copy()
    pasted[top : top + tall, left : left + broad] = other[200 : 200 + tall, 300 : 300 + broad]
    return pasted


#: How many `tables` yields.
TABLES_COUNT = 4


def tables(count: int = 20) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (title, rows) of every table, over `count` seeds that no test uses."""
    seeds = range(90_000, 90_000 + count)
    told = {name: one.to_json() for name, one in quality_rates(seeds).items()}
    yield f"asked again, and for the right reason (n = {count} each)", told
    yield f"visual zone, flat pages (n = {count})", visual_rates(seeds)
    yield f"visual zone, photographs (n = {count})", visual_rates(seeds, photographed=True)
    told = {name: one.to_json() for name, one in forensic_rates(seeds).items()}
    yield f"traces seen (n = {count} each)", told
