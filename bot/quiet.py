"""Rasa kept quiet while a command of ours answers on standard output.

    with own_output() as out:          Rasa's progress and warnings go to standard error, or nowhere
        print(answer, file=out)        the answer alone goes to standard output

Rasa logs the text of every message it parses; from CRITICAL on nothing of it is written.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def own_output(level: int = logging.CRITICAL) -> Iterator[TextIO]:
    """Give the command standard output, for it alone; Rasa logs from `level` on."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.simplefilter("ignore")
    printed = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(printed, "w") as out:
        from rasa.utils.log_utils import configure_structlog  # heavy: after the variables above

        configure_structlog(level)
        yield out
