"""A language model that lies, through the real client: how many unsupported sentences are shown.

    passages of the shipped articles ─▶ lies about each (tests/knowledge/lies.py) ─▶ a server that
    says them ─▶ langchain-openai or -ollama ─▶ the check ─▶ shown, or the articles' own words

An honest server says the passages' sentences with an opener: how often is that shown. What a lie is
stands in one table of kinds; a lie that does not change the words is not counted.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from bank.domain.answers import Audience, Citation, LibraryAnswer, LibraryQuestion, Span
from knowledge.article import Article
from knowledge.budget import Budget
from knowledge.composing import ComposingLibrarian
from knowledge.loading import SHIPPED, load_folder
from knowledge.models import make_model
from knowledge.support import sentences_of
from tests.knowledge.fake_llm import FakeModel, running
from tests.knowledge.lies import lies_about

SENTENCES = 3
EACH = 12
ASKED = "How does it work?"


class Fixed:
    """Finds one passage."""

    def __init__(self, text: str) -> None:
        span = Span(text, Citation("a", 1, "Title", "Heading", "heading"), 0.9)
        self.found = LibraryAnswer(text=text, spans=(span,), topic="a")

    def answer(self, question: LibraryQuestion) -> LibraryAnswer:
        del question
        return self.found

    def find(self, question: LibraryQuestion, *, most: int = 5) -> tuple[Span, ...]:
        del question, most
        return ()

    def article(self, article_id: str, *, audiences: frozenset[Audience], on: date) -> None:
        del article_id, audiences, on


def passages(most: int) -> list[str]:
    """Return the first sentences of English sections, spread over all articles."""
    articles: list[Article] = [one for one in load_folder(SHIPPED).articles if one.language == "en"]
    texts = [
        " ".join(sentences_of(section.text)[:SENTENCES])
        for article in articles
        for section in article.sections
    ]
    step = max(1, len(texts) // most)
    return texts[::step][:most]


def measure(fake: FakeModel, name: str, texts: list[str], folder: Path) -> dict[str, object]:
    """Return what was told and shown by one client."""
    url = f"{fake.url}/v1" if name.startswith("openai") else fake.url
    model = make_model(name, url=url, key="k", timeout_s=7)
    budget = Budget(folder / f"{name[:6]}.json", per_day=10**9)
    today, told, shown, honest = datetime.now(UTC).date(), Counter[str](), Counter[str](), 0
    for seed, text in enumerate(texts):
        asking = ComposingLibrarian(Fixed(text), model, budget=budget, timeout_s=7)
        question = LibraryQuestion(
            text=ASKED, language="en", audiences=frozenset({Audience.PUBLIC}), on=today
        )
        fake.mode = "honest"
        answer = asking.answer(question)
        honest += bool(answer and answer.is_composed)
        fake.mode = "liar"
        for kind, lie in lies_about(text, count=EACH, seed=seed):
            fake.lie = lambda _, lie=lie: lie  # type: ignore[misc]
            answer = asking.answer(question)
            told[kind] += 1
            shown[kind] += answer is None or answer.text != text
    return {"told": told, "shown": shown, "honest": honest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=60)
    texts = passages(parser.parse_args().passages)
    logging.disable(logging.WARNING)  # every lie that is dropped is a warning
    print("| Client | Passages | Honest, shown | Lies | Kinds | Unsupported answers shown |")
    print("|---|---:|---:|---:|---:|---:|")
    with running() as fake, tempfile.TemporaryDirectory() as folder:
        for name in ("openai:fake", "ollama:fake"):
            one = measure(fake, name, texts, Path(folder))
            told, shown = one["told"], one["shown"]
            assert isinstance(told, Counter)
            assert isinstance(shown, Counter)
            print(
                f"| langchain-{name.partition(':')[0]} | {len(texts)} | {one['honest']} "
                f"| {told.total()} | {len(told)} | {shown.total()} |"
            )


if __name__ == "__main__":
    main()
