"""Where things stand in a checkout: the repository's root, the bot's Python, the model."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
MODELS = ROOT / "models"
MODEL = MODELS / "florin.tar.gz"
PROCFILE = ROOT / "Procfile"
