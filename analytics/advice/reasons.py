"""Why an instrument is recommended: codes with facts, which the bot's words turn into sentences.

    neighbours     share, count        so many of the people most alike hold it
    goes_with      instrument_id       who holds this one, which you hold, holds it too
    fits_interest  interest            it is about a sector or region you like
    fits_esg       esg_score           you look for a high score, and it has one
    low_fee        fee_bp              it costs less than most of its kind
    broad          –                   many things in one, everywhere
    fits_profile   risk_class          nothing else to say: its risk is within what you told

Each is a fact about this person and this instrument, none a sales line. The most telling come
first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.advice.catalogue import BROAD_REGION, BROAD_SECTOR, Catalogue
from analytics.advice.profiles import COLUMNS, INTERESTS

Reason = dict[str, Any]

REASONS_MOST = 4
#: A share of neighbours, a weight of EASE and an ESG score worth telling.
_SHARE_LEAST, _TOGETHER_LEAST, _ESG_LEAST = 0.06, 0.01, 70
_NAMES = [one.name for one in COLUMNS]


def reasons_of(
    place: int, *, catalogue: Catalogue, row: NDArray[np.float32], held: NDArray[np.intp],
    together: NDArray[np.float32], neighbour_share: float, neighbours_count: int,
) -> tuple[Reason, ...]:  # fmt: skip
    """Return why one instrument, at most REASONS_MOST, at least one.

    row: the person's (profiles.row_of). held: places of what they hold. together: EASE's weights.
    neighbour_share: of `neighbours_count` neighbours, how many hold it, 0 to 1.
    """
    one = catalogue.instruments[place]
    found: list[Reason] = []
    if neighbour_share >= _SHARE_LEAST:
        found.append(
            {"code": "neighbours", "share": round(neighbour_share, 2), "count": neighbours_count}
        )
    if len(held):
        closest = int(held[np.argmax(together[held, place])])
        if together[closest, place] >= _TOGETHER_LEAST:
            found.append({"code": "goes_with", "instrument_id": catalogue.ids[closest]})
    likes = [name for name in INTERESTS if row[_NAMES.index(f"likes_{name}")] > 0]
    found += [
        {"code": "fits_interest", "interest": name}
        for name in likes if name in (one.sector, one.region)
    ]  # fmt: skip
    if row[_NAMES.index("wants_esg")] > 0 and one.esg_score >= _ESG_LEAST:
        found.append({"code": "fits_esg", "esg_score": one.esg_score})
    if not one.is_single and one.fee_bp <= catalogue.low_fee_bp[one.kind]:
        found.append({"code": "low_fee", "fee_bp": one.fee_bp})
    if not one.is_single and one.sector == BROAD_SECTOR and one.region == BROAD_REGION:
        found.append({"code": "broad"})
    return tuple(found[:REASONS_MOST]) or ({"code": "fits_profile", "risk_class": one.risk_class},)
