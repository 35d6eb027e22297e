"""From probabilities of characters to a machine-readable zone.

    log P per cell ─▶ alphabet of each position ─▶ names as Doc 9303 builds them ─▶ best text
    best text ─▶ check digits hold? ── yes ─▶ Mrz
                     └─ no ─▶ one likely confusion (or few) that mends them all?  ─▶ Mrz.repaired
                                   └─ no, or two ways to mend ─▶ Mrz as read, checks reported

A repair needs doubt in the very cell it changes. A specimen whose printed digit is wrong reads
clearly, so it stays wrong and is reported: finding that out is what check digits are for.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from identity.document.codes import ICAO_CODES
from identity.document.layouts import LAYOUTS
from identity.document.mrz import (
    ALPHABET,
    DIGITS,
    FILLER,
    LETTERS,
    find_checks,
    parse_lines,
)
from identity.document.reading import Mrz, MrzFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.document.blocks import Block
    from identity.document.layouts import Layout
    from identity.document.ocrb import Floats

#: What a character that does not belong to its position costs, in nats: about certainty.
_FOREIGN_COST = 6.5
_NAME_COST = 6.5
#: Codes are letters; but old cards print other things where the standard wants a nationality.
_CODE_DIGIT_COST = 3.0
#: Numbers are given out without the letter O, as a rule, lest it be taken for a zero.
_LETTER_O_COST = 4.0
#: Numbers begin with a character; a card that prints a filler first is a rarity.
_NUMBER_FILLER_COST = 3.0
#: A code of no state is taken for the likeliest state within this many nats.
_CODE_DOUBT = 2.5
#: A cell may be changed when the other character is less than this many nats worse ...
DOUBT = 3.0
#: ... all changes together cost no more than this, and the next best way costs this much more.
DOUBT_SUM = 6.0
CLEARLY = 1.0
#: To change the check digit itself would mend anything, so it takes nearly equal likelihoods.
DOUBT_OF_CHECK = 1.0
_CHANGES_MOST = 4
_CANDIDATES_MOST = 22

_AT = {letter: at for at, letter in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A zone with how well its text fits: `score` mean log P of its characters, `shape` the share
    of cells whose best character belongs to its position.
    """

    mrz: Mrz
    score: float
    shape: float


def decode(block: Block, *, votes: Floats | None = None) -> Decoded | None:
    """Return the zone a block of rows says, or None where no format has its shape.

    votes: what other readers add to log P, shape (lines, width, 37). Without them nothing is
    repaired: a single witness does not overrule a printed check digit.
    """
    log_p = np.stack([row.log_p for row in block.rows])
    if votes is not None:
        log_p = log_p + votes
    mrz_format = _format(log_p)
    if mrz_format is None:
        return None
    layout = LAYOUTS[mrz_format]
    cost = _position_costs(layout)
    scores = log_p - cost
    lines = [[ALPHABET[at] for at in row.argmax(axis=1)] for row in scores]
    line, start, end = layout.names
    lines[line][start:end] = list(best_name(log_p[line, start:end]))
    for name in ("issuer", "nationality"):
        line, start, end = layout.fields[name]
        lines[line][start:end] = list(best_code(scores[line, start:end]))
    read = tuple("".join(row) for row in lines)
    taken, repaired = (read, ()) if votes is None else repair(layout, read, scores)
    mrz = parse_lines(taken)
    if mrz is None:
        return None
    chosen = np.array([[_AT[letter] for letter in row] for row in taken])
    own = np.stack([row.log_p for row in block.rows])
    score = float(np.take_along_axis(own, chosen[..., None], axis=2).mean())
    fits = np.take_along_axis(cost, own.argmax(axis=2)[..., None], axis=2) < _FOREIGN_COST
    mrz = replace(mrz, confidence=round(float(np.exp(score)), 4), repaired=repaired)
    return Decoded(mrz, score, float(fits.mean()))


def _format(log_p: Floats) -> MrzFormat | None:
    visa = log_p[0, 0, _AT["V"]] > max(log_p[0, 0, _AT[first]] for first in "PIAC")
    match log_p.shape[:2]:
        case (3, 30):
            return MrzFormat.TD1
        case (2, 36):
            return MrzFormat.MRVB if visa else MrzFormat.TD2
        case (2, 44):
            return MrzFormat.MRVA if visa else MrzFormat.TD3
    return None


def _position_costs(layout: Layout) -> Floats:
    """Return what each character costs at each position, shape (lines, width, 37)."""
    cost = np.zeros((layout.lines_count, layout.width, len(ALPHABET)), np.float32)

    def allow(line: int, start: int, end: int, letters: str) -> None:
        cost[line, start:end] = _FOREIGN_COST
        cost[line, start:end, [_AT[letter] for letter in letters]] = 0

    line, start, end = layout.names
    allow(line, start, end, LETTERS + FILLER)
    for name in ("issuer", "nationality"):
        line, start, end = layout.fields[name]
        cost[line, start:end, [_AT[digit] for digit in DIGITS]] = _CODE_DIGIT_COST
    for name in ("birth_date", "expiry_date"):
        line, start, end = layout.fields[name]
        allow(line, start, end, DIGITS)
        cost[line, start:end, _AT[FILLER]] = 2.0
    line, start, end = layout.fields["sex"]
    allow(line, start, end, "MF" + FILLER)
    cost[line, start:end, _AT["X"]] = 2.0
    for check in layout.checks:
        line, column = check.at
        allow(line, column, column + 1, DIGITS)
        if check.name == "optional" or (check.name == "number" and layout.may_have_long_number):
            cost[line, column, _AT[FILLER]] = 0.7
    visa = layout.format in {MrzFormat.MRVA, MrzFormat.MRVB}
    allow(0, 0, 1, "V" if visa else "P" if layout.format is MrzFormat.TD3 else "IACP")
    cost[0, 1, [_AT[digit] for digit in DIGITS]] = 2.0
    line, start, end = layout.fields["number"]
    cost[line, start:end, _AT["O"]] = _LETTER_O_COST
    cost[line, start, _AT[FILLER]] = _NUMBER_FILLER_COST
    return cost


#: States of a name: in the surname, after its single filler, after the double one, in the given
#: names, after their single filler, and the fillers to the end.
_NAME_STEPS = {0: (0, 1), 1: (0, 2), 2: (3, 5), 3: (3, 4), 4: (3, 5), 5: (5,)}
_NAME_FILLERS = (1, 2, 4, 5)


def best_name(log_p: Floats) -> str:
    """Return the likeliest surname<<given<names<<<< of cells, shape (n, 37).

    What no name has (a filler run in the middle) costs, but is not forbidden: it is printed so.
    """
    letters = [_AT[letter] for letter in LETTERS]
    letter_at = log_p[:, letters].argmax(axis=1)
    letter_p = log_p[:, letters].max(axis=1)
    filler_p = log_p[:, _AT[FILLER]]
    moves = np.full((6, 6), -_NAME_COST)
    for state, following in _NAME_STEPS.items():
        moves[state, list(following)] = 0
    is_filler = np.isin(np.arange(6), _NAME_FILLERS)
    emitted = np.where(is_filler[None], filler_p[:, None], letter_p[:, None])
    best = np.where(np.arange(6) == 0, emitted[0], -_NAME_COST + emitted[0])
    came: list[NDArray[np.int64]] = []
    for at in range(1, len(log_p)):
        options = best[:, None] + moves
        came.append(options.argmax(axis=0))
        best = options.max(axis=0) + emitted[at]
    state = int(best.argmax())
    states = [state]
    for back in reversed(came):
        state = int(back[state])
        states.append(state)
    states.reverse()
    return "".join(
        FILLER if is_filler[state] else LETTERS[letter_at[at]] for at, state in enumerate(states)
    )


def best_code(scores: Floats) -> str:
    """Return the likeliest three characters, a known state's where there is doubt."""
    raw = "".join(ALPHABET[at] for at in scores.argmax(axis=1))
    if raw.rstrip(FILLER) in ICAO_CODES:
        return raw
    top = float(scores.max(axis=1).sum())
    known = max(
        (code.ljust(3, FILLER) for code in sorted(ICAO_CODES)),
        key=lambda code: sum(float(scores[at, _AT[one]]) for at, one in enumerate(code)),
    )
    value = sum(float(scores[at, _AT[one]]) for at, one in enumerate(known))
    return known if top - value < _CODE_DOUBT else raw


@dataclass(frozen=True, slots=True)
class _Change:
    line: int
    column: int
    letter: str
    loss: float


def repair(
    layout: Layout, lines: Sequence[str], scores: Floats
) -> tuple[tuple[str, ...], tuple[tuple[int, int, str, str], ...]]:
    """Return lines and the changes made to them, so that all check digits hold; or no change.

    scores: log P less the cost of the position, shape (lines, width, 37).
    """
    lines = tuple(lines)
    failing = [name for name, holds in find_checks(layout, lines).items() if not holds]
    if not failing:
        return lines, ()
    changes = _changes(layout, lines, scores, failing)
    ways = sorted(_ways(layout, lines, changes), key=lambda way: way[0])
    if not ways:
        return lines, ()
    best_loss, best = ways[0]
    for loss, way in ways[1:]:
        if loss - best_loss < CLEARLY and not set(best) < set(way):
            return lines, ()
    mended = _changed(lines, best)
    return mended, tuple(
        (one.line, one.column, lines[one.line][one.column], one.letter) for one in best
    )


def _changes(
    layout: Layout, lines: tuple[str, ...], scores: Floats, failing: list[str]
) -> list[_Change]:
    """Return doubtful cells under a failing check with their other characters, likeliest first."""
    cells = set()
    printed = {check.at for check in layout.checks}
    for check in layout.checks:
        if check.name not in failing:
            continue
        if check.name == "composite" and len(failing) > 1:
            continue
        cells.add(check.at)
        for line, start, end in check.covers:
            cells.update((line, column) for column in range(start, end))
    found = []
    for line, column in sorted(cells):
        values = scores[line, column]
        now = float(values[_AT[lines[line][column]]])
        for at, letter in enumerate(ALPHABET):
            loss = now - float(values[at])
            doubt = DOUBT_OF_CHECK if (line, column) in printed else DOUBT
            if letter != lines[line][column] and loss < doubt:
                found.append(_Change(line, column, letter, loss))
    return sorted(found, key=lambda one: one.loss)[:_CANDIDATES_MOST]


def _ways(
    layout: Layout, lines: tuple[str, ...], changes: list[_Change]
) -> list[tuple[float, tuple[_Change, ...]]]:
    """Return sets of changes with which all check digits hold, with their loss."""
    found = []
    for count in range(1, _CHANGES_MOST + 1):
        for way in itertools.combinations(changes, count):
            loss = sum(one.loss for one in way)
            if loss > DOUBT_SUM or len({(one.line, one.column) for one in way}) < count:
                continue
            if all(find_checks(layout, _changed(lines, way)).values()):
                found.append((loss, way))
        if len(changes) > 12 and count == 3:
            break
    return found


def _changed(lines: tuple[str, ...], way: Sequence[_Change]) -> tuple[str, ...]:
    rows = [list(line) for line in lines]
    for one in way:
        rows[one.line][one.column] = one.letter
    return tuple("".join(row) for row in rows)
