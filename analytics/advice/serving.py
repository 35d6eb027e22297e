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

#: The model under `models_dir`, the closes under the home.
MODEL_FOLDER, MARKET_FILE = "advice", Path("market") / "closes.parquet"


class LateAdviser:
    """Implements bank.ports.Adviser; the real one is made with the first wish, or by `warm`."""

    def __init__(self, bank: Bank, *, models_dir: Path, home_dir: Path) -> None:
        self._bank, self._models_dir, self._home_dir = bank, models_dir, home_dir
        self._adviser: LearntAdviser | None = None
        self._lock = threading.Lock()

    def propose(self, wish: AdviceWish) -> Proposal:
        return self._real().propose(wish)

    def warm(self) -> None:
        """Load libraries and files in a thread, so that the first wish need not wait."""
        threading.Thread(target=self._warm, name="adviser", daemon=True).start()

    def _warm(self) -> None:
        self._real().warm()

    def _real(self) -> LearntAdviser:
        from analytics.advice.adviser import LearntAdviser  # noqa: PLC0415  see the head

        with self._lock:
            if self._adviser is None:
                self._adviser = LearntAdviser(
                    self._bank.store,
                    model_folder=self._models_dir / MODEL_FOLDER,
                    market_file=self._home_dir / MARKET_FILE,
                    clock=self._bank.clock,
                )
            return self._adviser
