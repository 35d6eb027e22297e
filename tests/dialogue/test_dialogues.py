"""Every story in the taxonomy's folders is one test, named by its file.

One of them: `.venv/bin/python -m pytest tests/dialogue -k transfers_customer_corrects_payee`
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.harness import Branch, play
from tests.dialogue.stories import find_stories, load_story

FOLDER = Path(__file__).parent
STORIES = find_stories(FOLDER)


@pytest.mark.rasa
@pytest.mark.parametrize(
    "path", STORIES, ids=[str(path.relative_to(FOLDER).with_suffix("")) for path in STORIES]
)
def test_the_dialogue_goes_as_its_story_says(branch: Branch, path: Path) -> None:
    play(branch, load_story(path))
