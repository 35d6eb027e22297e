"""The registry: versions of models on disk with their cards, and which one serves.

    cards.py      what is known of a version, as JSON
    versions.py   the folder: add, verify, load, swap
    serving.py    the version that serves, in a process that runs on
    promotion.py  what two people agreed on, carried out

Why files and no server: docs/adr/0018-a-registry-of-files.md
"""

from __future__ import annotations

from analytics.registry.cards import Card, Fate, Figure, SliceFigures, Window
from analytics.registry.serving import LiveModel
from analytics.registry.versions import Champion, Registry, Version

__all__ = [
    "Card",
    "Champion",
    "Fate",
    "Figure",
    "LiveModel",
    "Registry",
    "SliceFigures",
    "Version",
    "Window",
]
