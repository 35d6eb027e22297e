"""The scoring door: rows in, probabilities and reasons out, by the version that serves.

    POST /api/score/churn   {"rows": {…}} ─▶ {"model", "version", "scores": [{"score", "reasons"}]}

Called by other systems of the bank with a key of their own (`florin keys make`, scope
`score:<model>`), or by staff with the permission `scores.make`. What is wrong with a row is 422
bad_table: the details name column, row and fault, never the value, and no row is ever logged.
"""

from __future__ import annotations

import time
from http import HTTPStatus

from aiohttp import web

from analytics.errors import BadTable, NoSuchModel
from bank.domain.errors import Unavailable
from web.api.errors import RequestRefused
from web.api.score_words import ScoreRows, ScoresView
from web.guard import Caller, Door, Knock
from web.keys import METRICS, SCORES

BODY_LIMIT_BYTES = 2 * 1024 * 1024
_PROBLEMS_SHOWN = 8


async def score(knock: Knock) -> web.StreamResponse:
    """Score rows."""
    name = knock.request.match_info["model"]
    metrics, began_s = knock.request.app[METRICS], time.perf_counter()
    outcome, rows_count, known = "done", 0, name
    try:
        body, rows_count = await knock.request.app[SCORES].score(name, knock.body)
    except NoSuchModel:
        # A name nobody has trained is the caller's own text: it becomes no label.
        outcome, known = "no_such_model", "-"
        raise RequestRefused(
            "no_such_model", HTTPStatus.NOT_FOUND, sentence="No version of this model serves."
        ) from None
    except BadTable as refused:
        outcome = "bad_table"
        raise bad_table(refused) from None
    except (RequestRefused, Unavailable) as refused:
        outcome = refused.code
        raise
    except Exception:
        outcome = "fault"
        raise
    finally:
        caller = knock.key.id if knock.key else "staff"
        metrics.scores.labels(known, caller, outcome).inc()
        metrics.scored_rows.labels(known).inc(rows_count)
        metrics.score_s.labels(known).observe(time.perf_counter() - began_s)
    return web.Response(body=body, content_type="application/json")


def bad_table(refused: BadTable) -> RequestRefused:
    """Return the refusal of rows: the first problem by its parts, the others as one text."""
    first, shown = refused.problems[0], refused.problems[:_PROBLEMS_SHOWN]
    return RequestRefused(
        BadTable.code,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        sentence=first.sentence,
        problem=first.code,
        column=first.column,
        row=str(first.rows[0]) if first.rows else "",
        problems=" ".join(one.sentence for one in shown),
        problems_count=str(len(refused.problems)),
    )


DOORS = [
    Door(
        "POST", "/api/score/{model}", Caller.MACHINE, score,
        "Score rows by the version of a model that serves", body=ScoreRows, answer=ScoresView,
        scope="score:{model}", permission="scores.make", raw_limit_bytes=BODY_LIMIT_BYTES,
    ),
]  # fmt: skip
