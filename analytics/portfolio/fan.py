"""The fan: what may become of an amount, by thousands of futures drawn from what was seen.

    past returns ─▶ garch ─▶ residuals z, tomorrow's sigma
        year 1          days drawn from z, the sigma walking on from today's
        later years     whole years drawn from such years that began in usual times
        growth          drawn once for each future: nobody knows it well from ten years

How fast a mix grows is the least known of all: ten years tell the mean return only to a third of
its volatility. So it starts from a careful belief (cash plus a modest pay for risk), is moved by
history as far as that is sure, and differs from future to future. The range of a chance is that of
growth at the two ends of what is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.models import Floats
from analytics.portfolio.garch import MEMORIES, filtered
from analytics.portfolio.measures import DAYS_A_YEAR, volatility_pa
from bank.domain.shares import wilson

PATHS = 2000
STEPS_A_YEAR = 4
PERCENTILES = (5, 25, 50, 75, 95)
#: The belief before history: yearly pay for a unit of volatility, and how unsure it is.
SHARPE_BELIEVED, SHARPE_UNSURE = 0.30, 0.15
#: What cash pays in a year, and how far its mean over the years to come may be from that.
CASH_PA, CASH_UNSURE = 0.02, 0.01
_STEP_DAYS = DAYS_A_YEAR // STEPS_A_YEAR
_MOVE_MOST = 0.5  # of one simulated day, as a log return


@dataclass(frozen=True, slots=True)
class Growth:
    """The believed yearly log growth: its middle and its deviation."""

    middle: float
    deviation: float


@dataclass(frozen=True)
class Fan:
    """Futures. steps_years: (s,). worth: factors of the amount, (paths, s), the first all 1.

    noise, growth: the log worth apart: what chance did, and what each future's growth was.
    """

    steps_years: Floats
    noise: Floats
    growths: Floats
    growth: Growth

    @property
    def worth(self) -> Floats:
        return np.asarray(np.exp(self.noise + self.growths[:, None] * self.steps_years), np.float64)

    def percentiles(self) -> Floats:
        """Return shape (len(PERCENTILES), s)."""
        return np.asarray(np.percentile(self.worth, PERCENTILES, axis=0), np.float64)

    def chance_of_less(self, years: float, *, factor: float = 1.0) -> tuple[float, float, float]:
        """Return the chance that the amount times `factor` is not there, and its range.

        The range: were growth at the upper and at the lower end of its 95 % interval, and as far as
        so many futures can tell: a chance is never quite none.
        """
        place = int(np.argmin(np.abs(self.steps_years - years)))
        noise, at = self.noise[:, place], self.steps_years[place]
        short = float(np.mean(noise + self.growths * at < np.log(factor)))
        ends = [
            float(np.mean(noise + (self.growth.middle + sign * self.growth.deviation) * at
                          < np.log(factor)))
            for sign in (1.96, -1.96)
        ]  # fmt: skip
        low, high = wilson(round(short * len(noise)), len(noise))
        return short, min(low, *ends), max(high, *ends)


def growth_of(returns: Floats, *, cash_pa: float = CASH_PA) -> Growth:
    """Return what to believe of yearly log growth after these daily returns.

    Two normal beliefs put together, each weighed by its precision; then what cash will pay, of
    which no past knows.
    """
    spread = volatility_pa(returns)
    if spread == 0 or len(returns) < 2:
        return Growth(float(returns.mean() * DAYS_A_YEAR) if len(returns) else 0.0, CASH_UNSURE)
    believed = cash_pa + SHARPE_BELIEVED * spread - spread**2 / 2
    unsure, error = SHARPE_UNSURE * spread, spread / np.sqrt(len(returns) / DAYS_A_YEAR)
    share = unsure**2 / (unsure**2 + error**2)
    seen = float(returns.mean() * DAYS_A_YEAR)
    deviation = np.hypot(unsure * error / np.hypot(unsure, error), CASH_UNSURE)
    return Growth(believed + share * (seen - believed), float(deviation))


def fan_of(
    returns: Floats, *, years: int, seed: int, paths: int = PATHS, cash_pa: float = CASH_PA
) -> Fan:
    """Return the futures of a mix with these daily log returns (t,); years: whole, at least 1."""
    assert years >= 1, years
    rng = np.random.default_rng(seed)
    growth = growth_of(returns, cash_pa=cash_pa)
    growths = growth.middle + growth.deviation * rng.standard_normal(paths)
    run = filtered(returns)
    # The spread of the futures is what was seen: residuals have variance one, and no mean.
    residuals = run.residuals - run.residuals.mean()
    spread = residuals.std()
    residuals = residuals / spread if spread else residuals
    usual = float(np.sqrt((returns * returns).mean()))
    first = _year(rng, residuals, np.full(paths, run.tomorrow * spread), usual)
    steps = [first]
    if years > 1:
        starts = rng.choice(run.sigma, paths) * spread
        usual_years = _year(rng, residuals, starts, usual)
        steps += [usual_years[rng.integers(0, paths, paths)] for _ in range(years - 1)]
    noise = np.concatenate([np.zeros((paths, 1)), np.cumsum(np.hstack(steps), axis=1)], axis=1)
    times = np.arange(noise.shape[1]) / STEPS_A_YEAR
    return Fan(times, noise, growths, growth)


def _year(rng: np.random.Generator, residuals: Floats, sigma: Floats, usual: float) -> Floats:
    """Return a year's noise in steps, (paths, STEPS_A_YEAR): the filter run forward on drawn z."""
    paths = len(sigma)
    drawn = residuals[rng.integers(0, len(residuals), (DAYS_A_YEAR, paths))]
    variances = [sigma**2 for _ in MEMORIES]
    moved = np.zeros((STEPS_A_YEAR, paths))
    for day in range(DAYS_A_YEAR):
        move = np.clip(
            np.sqrt(sum(variances) / len(MEMORIES)) * drawn[day], -_MOVE_MOST, _MOVE_MOST
        )
        moved[min(day // _STEP_DAYS, STEPS_A_YEAR - 1)] += move
        square, fell = move * move, move < 0
        for place, one in enumerate(MEMORIES):
            pushed = (one.shock + one.fall * fell) * square
            variances[place] = (1 - one.lasting) * usual**2 + pushed + one.stay * variances[place]
    return moved.T
