"""`python -m identity`: the process that judges pictures. It listens nowhere."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from pydantic import ValidationError

from bank.bootstrap import open_bank
from bank.logs import configure_logs
from bank.settings import load_settings
from identity.checks import LISTS_FOLDER
from identity.desk import Desk
from identity.screening.in_force import ListsInForce

CANNOT_START = 1


def main() -> int:
    """Work until SIGINT or SIGTERM."""
    # The branch answers customers on the same cores: one picture at a time, on one of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        settings = load_settings()
    except ValidationError:
        sys.stderr.write("The settings cannot be used; `florin status` names what is wrong.\n")
        return CANNOT_START
    configure_logs(settings.log_level)
    bank = open_bank(settings)
    desk = Desk(bank, lists=ListsInForce(settings.home_dir / LISTS_FOLDER))

    def end(_number: int, _frame: FrameType | None) -> None:
        desk.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        desk.run()
    finally:
        bank.store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
