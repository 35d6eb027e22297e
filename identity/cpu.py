"""CPU time: what a figure of cost is measured in, whatever else the machine does meanwhile."""

from __future__ import annotations

import os


def cpu_s() -> float:
    """Return CPU seconds of this process and its finished children (Tesseract is one)."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
