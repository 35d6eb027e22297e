"""Advice in a process that serves: the learnt adviser at the bank's port.

Importing this costs nothing: the libraries load with the first wish.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bank.domain.advice import AdviceWish, Proposal

if TYPE_CHECKING:
    from analytics.advice.adviser import LearntAdviser
    from bank.bootstrap import Bank

#: Under the home: what was learnt is of its customers.
MODEL_FOLDER, MARKET_FILE = Path("models") / "advice", Path("market") / "closes.parquet"


class LateAdviser:
    """The bank's port `Adviser`; the real one is made with the first wish, or by `warm`."""

    def __init__(self, bank: Bank, *, home_dir: Path) -> None:
        self._bank, self._home_dir = bank, home_dir
        self._adviser: LearntAdviser | None = None
        self._lock = threading.Lock()

    def propose(self, wish: AdviceWish) -> Proposal:
        return self._real().propose(wish)

    def warm(self) -> None:
        """Load libraries and files in a thread, so that the first wish need not wait."""
        threading.Thread(target=self._warm, name="adviser", daemon=True).start()

    def _warm(self) -> None:
        from analytics.advice import drawing  # noqa: F401, PLC0415  its pictures come with it

        self._real().warm()

    def _real(self) -> LearntAdviser:
        from analytics.advice.adviser import LearntAdviser  # noqa: PLC0415  see the head

        with self._lock:
            if self._adviser is None:
                self._adviser = LearntAdviser(
                    self._bank.store,
                    model_folder=self._home_dir / MODEL_FOLDER,
                    market_file=self._home_dir / MARKET_FILE,
                    clock=self._bank.clock,
                )
            return self._adviser
