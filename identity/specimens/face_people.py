"""Who an invented person is (bones, skin, hair), and how a photo of them was taken.

    seed            ─▶ Person    the same in every photo
    seed + sitting  ─▶ Sitting   light, wall, clothes, grain of one photo

Lengths are in millimetres from the middle of the eyes; colours are RGB in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

Colour = tuple[float, float, float]

_SKINS: Final = (
    (0.95, 0.78, 0.69), (0.91, 0.72, 0.60), (0.84, 0.63, 0.49), (0.74, 0.53, 0.39),
    (0.60, 0.41, 0.29), (0.46, 0.30, 0.21), (0.36, 0.24, 0.17),
)  # fmt: skip
_HAIRS: Final = (
    (0.07, 0.06, 0.06), (0.16, 0.10, 0.07), (0.29, 0.18, 0.10), (0.45, 0.29, 0.15),
    (0.72, 0.55, 0.32), (0.55, 0.22, 0.10),
)  # fmt: skip
_GREY: Final = (0.66, 0.66, 0.67)
_EYES: Final = (
    (0.20, 0.12, 0.07), (0.33, 0.20, 0.10), (0.35, 0.36, 0.20), (0.30, 0.42, 0.52),
    (0.42, 0.48, 0.50),
)  # fmt: skip


#: How far people differ, in units of how far people really differ: dlib finds drawn faces alike.
SPREAD: Final = 3.2


@dataclass(frozen=True, slots=True)
class Person:
    """`width`, `skull`, `jaw` and the like are factors around 1."""

    seed: int
    sex: str
    age_years: int
    skin: Colour
    hair: Colour
    iris: Colour
    width: float
    skull: float
    jaw: float
    jaw_square: float
    chin_mm: float
    eye_x: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    brow_y: float
    brow_thick: float
    brow_arch: float
    brow_ridge: float
    nose_mm: float
    nose_width: float
    nose_height: float
    mouth_mm: float
    mouth_width: float
    lips: float
    lip_red: float
    hairline: float
    hair_part: float
    hair_long: float
    bald: bool
    beard: float
    moustache: float
    glasses: bool
    frame: Colour
    freckles: float
    moles: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Sitting:
    """How one photo was taken.

    `lights` are (direction toward the light, strength); `lean` is how the head is held, (yaw,
    pitch, roll) in degrees: nobody holds it twice the same; `grain` is a standard deviation.
    """

    number: int
    lean: tuple[float, float, float]
    lights: tuple[tuple[tuple[float, float, float], float], ...]
    room: float
    warmth: Colour
    wall: Colour
    glow: tuple[float, float]
    cloth: Colour
    grain: float
    gamma: float


def make_person(
    seed: int, *, sex: str | None = None, age_years: int | None = None, spread: float = SPREAD
) -> Person:
    """Return the person of this seed; `sex` and `age_years` override what the seed says.

    `spread` is how far bones and features lie from the average; 1 is as far as people's do.
    """
    rng = np.random.default_rng([7, seed])
    own_sex = "F" if rng.random() < 0.5 else "M"
    own_age = int(rng.integers(19, 75))
    sex = own_sex if sex not in {"M", "F"} else sex
    age = own_age if age_years is None else age_years
    male = sex == "M"
    tone = rng.uniform(0, len(_SKINS) - 1)
    greyness = float(np.clip((age - 42 + rng.normal(0, 8)) / 30, 0, 0.95))
    dark = tone > 3
    hair = np.array(_HAIRS[int(rng.integers(0, 2 if dark else len(_HAIRS)))])
    hair = hair * (1 - greyness) + np.array(_GREY) * greyness
    iris = _EYES[int(rng.integers(0, 2 if dark else len(_EYES)))]

    def around(middle: float, deviation: float) -> float:
        # Even, not bell-shaped: invented people should be easy to tell apart.
        return float(middle + deviation * spread * rng.uniform(-1, 1))

    eye_x = around(31.5, 1.5)
    return Person(
        seed=seed, sex=sex, age_years=age,
        skin=_between(_SKINS, float(tone)), hair=_colour(hair), iris=iris,
        width=around(0.97 if male else 0.93, 0.035), skull=around(1.0, 0.03),
        jaw=around(0.93 if male else 0.84, 0.045), jaw_square=around(3.4 if male else 2.7, 0.45),
        chin_mm=around(116 if male else 108, 4.0),
        eye_x=eye_x, eye_width=around(14.6, 0.9), eye_height=around(5.6 if male else 6.3, 0.6),
        eye_tilt=around(0.03, 0.05),
        brow_y=around(-18 if male else -20.5, 1.8), brow_thick=around(4.6 if male else 2.9, 0.9),
        brow_arch=around(3 if male else 5, 1.4), brow_ridge=around(1.1 if male else 0.7, 0.2),
        nose_mm=around(41 if male else 38.5, 2.4), nose_width=around(13.5 if male else 11.6, 1.6),
        nose_height=around(21 if male else 18, 2.5),
        mouth_mm=around(70 if male else 66, 2.2), mouth_width=around(26 if male else 25, 2.2),
        lips=around(0.9 if male else 1.15, 0.22), lip_red=around(0.45 if male else 0.8, 0.15),
        hairline=around(-64, 6) - (10 if male and rng.random() < 0.3 else 0),
        hair_part=float(rng.uniform(-30, 30)),
        hair_long=0.0 if male else float(rng.choice([0.0, 0.5, 0.8, 1.0])),
        bald=bool(male and rng.random() < 0.15 + 0.3 * (age > 50)),
        beard=float(rng.uniform(0.5, 1)) if male and rng.random() < 0.4 else 0.0,
        moustache=float(rng.uniform(0.5, 1)) if male and rng.random() < 0.2 else 0.0,
        glasses=bool(rng.random() < 0.18),
        frame=_colour(rng.uniform(0.03, 0.25, 3)),
        freckles=float(rng.uniform(0, 1)) if tone < 1.5 and rng.random() < 0.4 else 0.0,
        moles=tuple(
            (float(rng.uniform(-48, 48)), float(rng.uniform(-45, 95)))
            for _ in range(int(rng.integers(0, 4)))
        ),
    )  # fmt: skip


def make_sitting(seed: int, number: int) -> Sitting:
    """Return how photo `number` of person `seed` was taken; number 0 is the passport photo."""
    rng = np.random.default_rng([11, seed, number])
    cloth = _colour(rng.uniform(0.08, 0.75, 3))
    if number == 0:
        return Sitting(
            number=0, lean=(0.0, 0.0, 0.0), room=0.34,
            lights=(((-0.35, -0.5, -1.0), 0.55), ((0.7, -0.2, -0.8), 0.28)),
            warmth=(1.0, 1.0, 1.0), wall=(0.80, 0.82, 0.84), glow=(0.5, 0.4), cloth=cloth,
            grain=0.006, gamma=1.12,
        )  # fmt: skip
    side = float(rng.choice([-1.0, 1.0]))
    return Sitting(
        number=number,
        lean=(
            side * float(rng.uniform(3, 6)), float(rng.uniform(-3, 4)), float(rng.uniform(-3, 3))
        ),
        lights=(
            ((side * float(rng.uniform(0.1, 0.8)), float(rng.uniform(-0.9, -0.2)), -1.0),
             float(rng.uniform(0.45, 0.7))),
            ((-side * 0.8, -0.1, -0.7), float(rng.uniform(0.1, 0.3))),
        ),
        room=float(rng.uniform(0.25, 0.42)),
        warmth=_colour(1 + rng.uniform(-0.06, 0.06, 3)),
        wall=_colour(rng.uniform(0.25, 0.8) + rng.uniform(-0.12, 0.12, 3)),
        glow=(float(rng.uniform(0, 1)), float(rng.uniform(0, 1))),
        cloth=cloth, grain=float(rng.uniform(0.006, 0.02)), gamma=float(rng.uniform(1.0, 1.25)),
    )  # fmt: skip


def _between(colours: tuple[Colour, ...], place: float) -> Colour:
    low = min(int(place), len(colours) - 2)
    share = place - low
    return _colour(np.array(colours[low]) * (1 - share) + np.array(colours[low + 1]) * share)


def _colour(values: np.typing.NDArray[np.float64]) -> Colour:
    red, green, blue = (float(np.clip(value, 0, 1)) for value in values)
    return red, green, blue
