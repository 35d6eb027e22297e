"""Tests of what Rasa loads run in the bot's Python: `bot/.venv/bin/python -m pytest tests/bot`."""

from __future__ import annotations

import inspect
import os

import pytest

os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")


def pytest_collection_modifyitems(items):
    for item in items:
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio)
