"""Which columns say whom an offer suits: most are silent, a few speak. Pure.

    prior of a column's coefficient:  (1 − SPEAKING_SHARE) · N(0, SILENT_SD²)
                                           + SPEAKING_SHARE · N(0, SPEAKING_SD²)

One width for all columns is too wide for thirty that say nothing and too narrow for one that says
much. So every coefficient gets a normal prior of its own that stands in for the mixture: the one
that, with what the rows say of this column, has the mixture's mean and variance (expectation
propagation, Minka 2001). Where the rows say nothing, that is the mixture's own variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analytics.models import Floats

#: Log-hazards per deviation of a column; with the share, chosen on paper towns 511 to 513.
SILENT_SD = 0.02
SPEAKING_SD = 0.25
SPEAKING_SHARE = 0.1
#: Half of the way at a time: columns that follow each other would otherwise swing.
DAMPING = 0.5
_PRECISION_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Apart:
    """Normal priors in place of the mixture; each of shape (treatments, columns)."""

    mean: Floats
    precision: Floats
    #: How likely it is that the column speaks.
    speaks: Floats

    @classmethod
    def unknown(cls, treatments: int, columns: int) -> Apart:
        """Return the priors before any row was seen."""
        variance = SPEAKING_SHARE * SPEAKING_SD**2 + (1 - SPEAKING_SHARE) * SILENT_SD**2
        shape = (treatments, columns)
        return cls(np.zeros(shape), np.full(shape, 1 / variance), np.full(shape, SPEAKING_SHARE))

    def after(self, mean: Floats, variance: Floats) -> Apart:
        """Return better priors, from the answer (mean and variance) that these led to."""
        # What the rows alone say of a column: the answer without the column's own prior.
        precision = np.maximum(1 / variance - self.precision, _PRECISION_LEAST)
        said = (mean / variance - self.mean * self.precision) / precision
        speaks, middle, spread = _mixture(said, 1 / precision)
        wanted = np.clip(1 / spread - precision, SPEAKING_SD**-2, SILENT_SD**-2)
        pull = middle * (precision + wanted) - said * precision
        sure = DAMPING * wanted + (1 - DAMPING) * self.precision
        moved = DAMPING * pull + (1 - DAMPING) * self.mean * self.precision
        return Apart(moved / sure, sure, speaks)


def _mixture(said: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Return P(speaks), mean and variance under the mixture, of what was said with a variance."""
    silent, speaking = (variance + sd**2 for sd in (SILENT_SD, SPEAKING_SD))
    odds = np.log(SPEAKING_SHARE / (1 - SPEAKING_SHARE)) + 0.5 * (
        np.log(silent / speaking) + np.square(said) * (1 / silent - 1 / speaking)
    )
    speaks = expit(odds)
    means = said * SILENT_SD**2 / silent, said * SPEAKING_SD**2 / speaking
    spreads = variance * SILENT_SD**2 / silent, variance * SPEAKING_SD**2 / speaking
    middle = (1 - speaks) * means[0] + speaks * means[1]
    spread = sum(
        share * (spread + np.square(mean - middle))
        for share, mean, spread in zip((1 - speaks, speaks), means, spreads, strict=True)
    )
    return speaks, middle, np.asarray(spread)
