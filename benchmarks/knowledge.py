"""The library at 10,000 passages: how long the index takes, and how long a question.

    sentences drawn from parts ─▶ articles ─▶ index (vectors, BM25) ─▶ questions ─▶ p50
                                          └▶ LangChain's TF-IDF over the same passages

The texts are drawn, so that a figure can be had anywhere; they read like rules of a bank, and no
two sentences are the same. Times are CPU of one thread, but for the index, whose seconds pass.
"""

from __future__ import annotations

import argparse
import random
import time
from datetime import date
from pathlib import Path

import numpy as np

from analytics.suspicion.encoder import find_encoder
from bank.cli.output import bars
from bank.domain.answers import Audience, LibraryQuestion
from bank.settings import load_settings
from knowledge.answering import Library
from knowledge.article import Article, Section
from knowledge.evaluating import plain_tfidf
from knowledge.index import make_index
from knowledge.passages import passages_of
from knowledge.vectors import Vectors

SECTIONS, SENTENCES, SEED = 10, 3, 9
WHO = "A customer|A company|An account holder|A payee|A parent|An heir|A traveller|A student|A partner|A guarantor".split(
    "|"
)
MAY = "may change|has to confirm|can order|is asked to renew|may cancel|receives|can look up|has to pay for|may dispute|can share".split(
    "|"
)
WHAT = "a card|the monthly statement|a standing order|the transfer limit|a savings plan|the exchange rate|a direct debit|the passkey|a loan offer|the tax form|a joint account|an instant payment|the postal address|a power of attorney|a virtual card|the overdraft".split(
    "|"
)
WHERE = "in the chat|at the counter|by post|in the app|over the phone|in the settings|with an adviser|at a machine abroad".split(
    "|"
)
WHEN = "within {n} days|after {n} working days|until the {n}th of a month|once in {n} months|before {n} o'clock|for {n} EUR|up to {n} EUR a day|from the age of {n}".split(
    "|"
)
WHY = "unless the payment is still open|if both owners agree|because the law asks for it|when the device is known|as long as the balance allows it|except on public holidays|provided that the name matches|even where the account is blocked".split(
    "|"
)
ASKS = "How long do I have for {what} {where}?|What does {what} cost {why}?|Can {who} use {what} {where}?|When is {what} due {why}?".split(
    "|"
)


def articles_of(passages: int, rng: random.Random) -> list[Article]:
    """Return articles of SECTIONS sections, together as many passages as asked for."""
    made = []
    for number in range(passages // SECTIONS):
        title = (
            f"{rng.choice(WHAT).split(' ', 1)[1].capitalize()} {rng.choice(WHERE)}, rule {number}"
        )
        sections = []
        for at in range(SECTIONS):
            sentences = [_sentence(rng) for _ in range(SENTENCES)]
            heading = (
                f"{rng.choice(WHAT).capitalize()} {rng.choice(WHEN).format(n=rng.randint(2, 900))}"
            )
            sections.append(Section(heading, f"s-{at}", " ".join(sentences)))
        made.append(Article(
            id=f"rule-{number}", version=1, title=title, audience=Audience.PUBLIC, language="en",
            valid_from=date(2026, 1, 1), valid_until=None, owner="paper", topic="paper", sections=tuple(sections),
        ))  # fmt: skip
    return made


def _sentence(rng: random.Random) -> str:
    when = rng.choice(WHEN).format(n=rng.randint(2, 999))
    middle, end = rng.choice(WHERE), rng.choice(WHY)
    said = rng.choice((f"{middle} {when}", f"{when}, {end}", f"{when}"))
    return f"{rng.choice(WHO)} {rng.choice(MAY)} {rng.choice(WHAT)} {said}."


def questions_of(count: int, rng: random.Random) -> list[str]:
    return [
        rng.choice(ASKS).format(
            who=rng.choice(WHO).lower(),
            what=rng.choice(WHAT),
            where=rng.choice(WHERE),
            why=rng.choice(WHY),
        )
        for _ in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    args = parser.parse_args()
    rng = random.Random(SEED)
    articles = articles_of(args.passages, rng)
    encoder = find_encoder(Path(load_settings().models_dir) / "encoder")
    vectors = Vectors(encoder) if encoder else None
    begun_s, cpu_s = time.perf_counter(), time.process_time()
    with bars() as shown:
        task = shown.add_task("reading meanings", total=None)
        index = make_index(
            articles, vectors, lambda done, of: shown.update(task, completed=done, total=of)
        )
    index_s, index_cpu_s = time.perf_counter() - begun_s, time.process_time() - cpu_s
    begun_s = time.perf_counter()
    make_index([*articles[1:], articles_of(SECTIONS, rng)[0]], vectors)
    again_s = time.perf_counter() - begun_s

    asked = questions_of(args.questions, rng)
    library = Library(index)
    ours_ms = _times_ms(
        lambda text: library.look(
            LibraryQuestion(
                text=text,
                language="en",
                audiences=frozenset({Audience.PUBLIC}),
                on=date(2026, 6, 1),
            )
        ),
        asked,
    )
    begun_s = time.process_time()
    tfidf = plain_tfidf(passages_of(articles))
    tfidf_s = time.process_time() - begun_s
    print(
        f"{index.passages_count} passages, {index.encoded} texts encoded"
        + ("" if encoder else " (no encoder)")
    )
    print()
    print("| | index | after one article changed | question p50 | p95 |")
    print("|---|---|---|---|---|")
    print(
        f"| the library | {index_s:.1f} s ({index_cpu_s:.1f} s of CPU) | {again_s:.1f} s | {_ms(ours_ms)} |"
    )
    if tfidf is None:
        print("| LangChain's TF-IDF | not installed | | | |")
    else:
        theirs_ms = _times_ms(tfidf.invoke, asked)
        print(f"| LangChain's TF-IDF | {tfidf_s:.1f} s of CPU | all again | {_ms(theirs_ms)} |")


def _times_ms(ask, texts: list[str]) -> list[float]:
    ask(texts[0])  # what is loaded once is no question's
    spent = []
    for text in texts:
        begun = time.thread_time()
        ask(text)
        spent.append((time.thread_time() - begun) * 1000)
    return spent


def _ms(spent: list[float]) -> str:
    return f"{np.percentile(spent, 50):.1f} ms | {np.percentile(spent, 95):.1f} ms"


if __name__ == "__main__":
    main()
