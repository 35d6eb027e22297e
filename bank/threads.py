"""The threads beside an event loop: enough of them for writes to meet in one group commit.

asyncio's own default is a few threads per core. Calls of the bank mostly wait for the database,
and a commit is shared by everybody who waits for it, so a small machine wants many.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

THREADS_COUNT = 32
NAME_PREFIX = "florin-blocking"


def widen_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Give this loop's `to_thread` its threads. `asyncio.run` ends them with the loop."""
    loop.set_default_executor(ThreadPoolExecutor(THREADS_COUNT, thread_name_prefix=NAME_PREFIX))


def end_process(code: int) -> NoReturn:
    """End a process that has closed all it had open, whatever its other threads do.

    One that still loads a library would make the interpreter abort while it takes itself apart.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
