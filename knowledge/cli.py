"""`florin knowledge`: the bank's own articles, from the terminal.

index       read the articles, encode what changed, keep the index under the home
ask         what would be answered, with the citation, or "I don't know"
evaluate    figures on questions with known articles, beside BM25 alone and LangChain's TF-IDF
teach       the articles' questions, into the assistant's training data
learn       the weights of the ranking, on questions that nothing is measured with
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from knowledge.making import Made

app = typer.Typer(no_args_is_help=True, help="The bank's own articles: index, ask, evaluate.")

Questions = Annotated[Path, typer.Option(help="JSON lines: question, ids, language, audience.")]
Off = Annotated[Path | None, typer.Option(help="JSON lines of questions no article answers.")]
Articles = Annotated[
    Path | None, typer.Option("--articles", help="A folder of articles; default: the bank's own.")
]
On = Annotated[str, typer.Option(help="The day, YYYY-MM-DD; default: today.")]


@app.command()
def index(*, as_json: Json = False) -> None:
    """Read the articles and encode what changed. Exits with 1 if any is refused."""
    made = _made()
    told = {
        "articles": len(made.index.articles),
        "passages": made.index.passages_count,
        "encoded": made.index.encoded,
        "changed": list(made.changed),
        "refused": [
            {"name": one.name, "code": one.code, "sentence": one.sentence} for one in made.refused
        ],
    }
    if as_json:
        print_json(told)
    else:
        out.print(
            f"{told['articles']} articles, {told['passages']} passages;"
            f" {len(made.changed)} changed, {told['encoded']} texts encoded."
        )
    if made.refused:
        raise refuse("\n".join(f"{one.name}: {one.sentence} ({one.code})" for one in made.refused))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    *,
    language: Annotated[str, typer.Option(help="en or es")] = "en",
    reader: Annotated[str, typer.Option(help="public, customer, business or staff")] = "customer",
    topic: Annotated[str, typer.Option(help="The article of the answer before.")] = "",
    on: On = "",
    as_json: Json = False,
) -> None:
    """Show what would be answered. Exits with 1 where the articles do not say."""
    from bank.domain.answers import LibraryQuestion
    from knowledge.answering import Library
    from knowledge.evaluating import READERS

    if reader not in READERS:
        raise misuse(f"There is no reader {reader}: {', '.join(READERS)}.")
    question = LibraryQuestion(
        text=text, language=language, audiences=READERS[reader], on=_day(on), topic=topic
    )
    library = Library(_made(is_quiet=as_json).index)
    answer, looked = library.answer(question), library.look(question)
    told: dict[str, Any] = {
        "answer": answer.text if answer else None,
        "topic": answer.topic if answer else "",
        "sure": round(looked.sure, 4) if looked else 0.0,
        "citations": [
            {
                "article_id": span.citation.article_id,
                "version": span.citation.version,
                "title": span.citation.title,
                "heading": span.citation.heading,
                "anchor": span.citation.anchor,
                "score": span.score,
            }
            for span in (answer.spans if answer else ())
        ],
    }
    if as_json:
        print_json(told)
    if answer is None:
        raise refuse(f"The articles do not say (sure: {told['sure']:.2f}).")
    if not as_json:
        out.print(answer.text, markup=False, soft_wrap=True)
        for one in told["citations"]:
            out.print(
                f"  {one['title']} › {one['heading']}  ({one['article_id']}#{one['anchor']})",
                markup=False, soft_wrap=True,
            )  # fmt: skip


@app.command()
def evaluate(
    *,
    questions: Questions,
    off: Off = None,
    articles: Articles = None,
    on: On = "",
    as_json: Json = False,
) -> None:
    """Measure hits, nDCG and honest silence."""
    from knowledge.answering import Library
    from knowledge.evaluating import evaluate as measure
    from knowledge.evaluating import read_cases

    day = _day(on)
    try:
        cases = read_cases(questions, on=day)
        unknown = read_cases(off, on=day) if off else []
    except (OSError, ValueError) as fault:
        raise misuse(str(fault)) from fault
    told = measure(Library(_made(articles, is_quiet=as_json).index), cases, unknown)
    if as_json:
        print_json(told)
        return
    out.print(_table(told), markup=False, soft_wrap=True)


@app.command()
def learn(
    folder: Annotated[Path, typer.Argument(help="questions.jsonl and off_corpus.jsonl; paper/.")],
    *,
    on: On = "",
    as_json: Json = False,
) -> None:
    """Learn the weights on questions of our own, and write them into the package.

    In the folder: questions on the bank's articles; in its folder paper: another library with its
    articles, so that the weights are not those of one book. The questions that none answers are
    written beside the weights (knowledge/elsewhere.json).
    """
    from bank.whole_files import write_whole
    from knowledge import elsewhere, lessons, weights
    from knowledge.evaluating import read_cases
    from knowledge.learning import learn as fit

    day = _day(on)
    books: list[lessons.Book] = []
    vectors = None
    for place, articles in ((folder, None), (folder / "paper", folder / "paper" / "articles")):
        try:
            cases = read_cases(place / "questions.jsonl", on=day)
            off = read_cases(place / "off_corpus.jsonl", on=day)
        except (OSError, ValueError) as fault:
            raise misuse(str(fault)) from fault
        made = _made(articles, is_quiet=as_json)
        books.append(lessons.Book(made.index.articles, cases, off))
        vectors = vectors or made.index.vectors
    learnt, told = weights.shipped_weights(), {}
    for name in weights.SETS:
        if name.startswith("meanings") and not vectors:
            continue
        known = vectors if name.startswith("meanings") else None
        is_asked = name.endswith("_asked")
        taught = (
            lessons.asked_lessons(books[0], known)
            if is_asked
            else lessons.bare_lessons(books, known)
        )
        learnt, told[name] = fit(taught, learnt, key=name)
    here = Path(__file__)
    write_whole(here.with_name(weights.FILE), weights.print_weights(learnt))
    for_elsewhere = elsewhere.print_elsewhere(elsewhere.elsewhere_of(books[0].off))
    write_whole(here.with_name(elsewhere.FILE), for_elsewhere)
    if as_json:
        print_json(told)
        return
    for key, figures in told.items():
        out.print(f"{key}: {figures}", markup=False, soft_wrap=True)


@app.command()
def teach(*, as_json: Json = False) -> None:
    """Write the articles' questions into the assistant's training data; `florin train` learns them.

    The assistant has to be trained already: what a skill reads surely stays the skill's.
    """
    from bank.cli.assistant import read_sentences
    from bank.cli.places import ROOT
    from bank.whole_files import write_whole
    from knowledge import teaching
    from knowledge.article import LANGUAGES

    articles = _made(is_quiet=as_json).index.articles
    told = {}
    for language in LANGUAGES:
        theirs = [one for one in articles if one.language == language]
        rows = read_sentences(teaching.phrasings_of(theirs))
        readings = {
            one["text"]: teaching.Reading(one["intent"], one["confidence"]) for one in rows
        }
        texts = teaching.chosen(theirs, readings)
        folder = ROOT / "nlu_data" / "nlu" / ("" if language == "en" else language)
        write_whole(folder / "library.yml", teaching.print_examples(texts, language))
        told[language] = len(texts)
    if as_json:
        print_json(told)
        return
    for language, count in told.items():
        out.print(f"{language}: {count} questions")


def _made(articles: Path | None = None, *, is_quiet: bool = False) -> Made:
    """Return the index of the home, or of a folder's articles, whose index is not kept."""
    from tempfile import TemporaryDirectory

    from bank.settings import load_settings
    from knowledge.making import bring_up_to_date

    settings = load_settings()
    with bars() as shown, TemporaryDirectory() as nowhere:
        task = shown.add_task("reading meanings", total=None, visible=not is_quiet)
        return bring_up_to_date(
            Path(nowhere) if articles else settings.home_dir,
            articles_folder=articles,
            encoder_folder=settings.models_dir / "encoder",
            progress=lambda done, of: shown.update(task, completed=done, total=of),
        )


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise misuse(f"{text} is no day, such as 2026-03-02.") from fault


def _table(told: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    rows = ["| ranking | hit@1 | hit@3 | nDCG@5 |", "|---|---|---|---|"]
    for name, key in (("the library", "ours"), ("BM25 alone", "bm25"),
                      ("LangChain's TF-IDF", "langchain_tfidf")):  # fmt: skip
        cells = (told[f"{key}_{figure}"] for figure in ("hit_1", "hit_3", "ndcg_5"))
        rows.append(
            f"| {name} | "
            + " | ".join("–" if one is None else f"{one:.3f}" for one in cells)
            + " |"
        )
    rows.append("")
    for name, key in (
        ("wrong abstentions", "wrong_abstentions"),
        ("off-corpus: I don't know", "off_corpus_unknown"),
    ):
        if told[key] is not None:
            rows.append(f"{name}: {told[key]:.3f}")
    for language, figures in told["languages"].items():
        rows.append(f"{language}: hit@1 {figures['hit_1']:.3f}, hit@3 {figures['hit_3']:.3f}")
    return "\n".join(rows)
