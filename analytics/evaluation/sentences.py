"""An evaluation in sentences: what somebody who reads no curves should know, and no more.

Each sentence is made of the figures alone, and hedged by their intervals: nothing is called
better that chance explains.
"""

from __future__ import annotations

from analytics.evaluation.evaluation import Evaluation
from analytics.evaluation.figures import NAMES
from analytics.evaluation.metrics import gain
from analytics.evaluation.slices import POSITIVES_LEAST
from analytics.evaluation.thresholds import By
from analytics.evaluation.words import per_hundred, percent, signed

#: What a comparison is decided by, in this order.
_DECIDING = ("average_precision", "roc_auc")


def headline_of(found: Evaluation) -> str:
    """Return the one sentence to take home."""
    words = found.words
    held = gain(found.labels, found.model.probabilities, share=0.1)
    there = held * found.base_rate / 0.1
    return (
        f"Of the tenth of {words.rows} ranked highest, {per_hundred(there)} {words.happen}; "
        f"of all {words.rows}, {per_hundred(found.base_rate)}. "
        f"That tenth holds {percent(held)} of all such {words.rows}."
    )


def comparison_of(found: Evaluation) -> str:
    """Return how the model stands beside its baseline, "" without one."""
    if found.baseline is None:
        return ""
    beside = found.baseline.name
    for name in _DECIDING:
        apart = found.differences[name]
        title = NAMES[name][0]
        title = title if title.isupper() or "-" in title else title.lower()
        if apart.excludes_zero:
            better = "better" if apart.value > 0 else "worse"
            return (
                f"It ranks {better} than {beside}: {title} {abs(apart.value):.3f} "
                f"{'higher' if apart.value > 0 else 'lower'} "
                f"(95 % interval {signed(apart.low)} to {signed(apart.high)}), "
                "more than chance explains."
            )
    return f"On these rows, no difference to {beside} can be told from chance."


def calibration_of(found: Evaluation) -> str:
    """Return whether its probabilities can be taken at their word."""
    error, chance = found.model.figures["ece"].value, found.chance_ece
    said = (
        f"What it says and what happens differ by {100 * error:.1f} points on average; a perfect "
        f"model would show {100 * chance:.1f} on so many {found.words.rows}"
    )
    if error <= 1.5 * chance or error < 0.005:
        return f"Its probabilities can be taken at their word. {said}."
    if error < 0.03:
        return f"Its probabilities are nearly right. {said}."
    return f"Its probabilities rank, but are not to be taken at their word. {said}."


def threshold_of(found: Evaluation) -> str:
    """Return what acting at the threshold means."""
    one, done, words = found.threshold, found.outcome, found.words
    why = {
        By.COST: f"where a false alarm of {one.false_alarm_minor} and a miss of {one.miss_minor} "
        "minor units cost the same",
        By.CAPACITY: f"so that {one.capacity_per_day} can be looked at"
        + (f" in an average {words.per}" if one.alerts_per_day is not None else ""),
        By.RATE: f"so that as many {words.rows} are chosen as are expected to be positive",
    }[one.by]
    if not done.alerts:
        return f"At {one.value:.3f}, {why}, it acts on nothing here."
    often = f"{percent(one.alerts_share)} of all"
    if one.alerts_per_day is not None:
        often = f"{one.alerts_per_day:,.0f} a {words.per}"
    return (
        f"At a probability of {one.value:.3f}, {why}, one would {words.act} {often}: "
        f"{percent(done.precision.value)} of them rightly, finding {percent(done.recall.value)} "
        f"of those that {words.happen}."
    )


def limits_of(found: Evaluation) -> tuple[str, ...]:
    """Return what the figures do not say."""
    again = f"{found.draws_count:,} times"
    limits = [
        "Figures hold for rows like these. Where customers, products or times change, they change.",
        "What the model looks at is no cause: changing it need not change what happens.",
        f"Intervals come from drawing the rows again {again}; of other rows they say nothing.",
    ]
    if "forward in time" not in found.protocol:
        limits.append(
            "Rows were split at random, or by file, and not by time: if the world moves, the "
            "figures of the coming months will be lower."
        )
    few = [f"{one.by} {one.level}" for one in found.slices if one.too_few]
    if few:
        limits.append(
            f"Nothing is claimed for slices with fewer than {POSITIVES_LEAST} positives or "
            f"negatives: {', '.join(few)}."
        )
    if found.baseline is None:
        limits.append("It was compared with no baseline.")
    return tuple(limits)
