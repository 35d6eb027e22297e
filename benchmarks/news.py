"""What headlines say: sentiment on public phrases, on held-out templates of our own, and its cost.

    python -m benchmarks.news [--quick]

Financial PhraseBank (FLORIN_DATA_DIR/fpb) is evaluated on and never kept: its licence allows
research only. Five stratified folds; the strength of the regularisation is chosen inside each
training part. Features were designed on the training part of the first fold (looks at it: errors
of inner folds), so that fold's own test sentences stand apart as the part nobody looked at.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from analytics.news.evaluating import (
    Figures,
    cross_validated,
    figures_of,
    read_phrases,
    said_by,
    said_by_vader,
)
from analytics.news.learning import invented, train
from analytics.news.linking import Linker
from analytics.news.newsroom import Newsroom
from analytics.news.sentiment import SentimentModel
from analytics.news.stories import Headline
from analytics.suspicion.encoder import Encoder, find_encoder
from bank.demo.headlines import InventedHeadline
from bank.demo.market import instruments

ROOT = Path(__file__).resolve().parents[1]
ENCODER = ROOT / "models" / "encoder"
SETS = (("50 % agree", "Sentences_50Agree.txt.gz"), ("all agree", "Sentences_AllAgree.txt"))
SEED = 11
ORDER = ("VADER", "TF-IDF + LR", "Florin without encoder", "Florin")


def told(one: Figures) -> str:
    return f"{one.accuracy:.3f} / {one.macro_f1:.3f}"


def print_phrases(
    folder: Path, encoder: Encoder | None, model: SentimentModel, *, quick: bool
) -> None:
    print("### Financial PhraseBank: accuracy / macro-F1\n")
    print("| set | sentences | " + " | ".join(ORDER) + " | learnt from our own headlines only |")
    print("|---|---|" + "---|" * (len(ORDER) + 1))
    for title, name in SETS[1:] if quick else SETS:
        texts, tones = read_phrases(folder / name)
        found = cross_validated(texts, tones, encoder)
        zero = figures_of(tones, said_by(model, texts, encoder))
        cells = [told(found[one][0]) if one in found else "–" for one in ORDER]
        print(f"| {title} | {len(texts):,} | {' | '.join(cells)} | {told(zero)} |")
        cells = [told(found[one][1]) if one in found else "–" for one in ORDER]
        first = found["VADER"][1].rows_count
        print(f"| … its first fold | {first:,} | {' | '.join(cells)} | |")
        spread = np.std([one.accuracy for one in found[ORDER[-1] if encoder else ORDER[2]][1:]])
        print(f"| … spread of folds, Florin | | | | | ± {spread:.3f} | |")
    print()


def print_held_out(
    held: list[InventedHeadline], encoder: Encoder | None, model: SentimentModel
) -> None:
    texts = [one.text for one in held]
    tones = np.array([one.sentiment for one in held], dtype=np.int64)
    said = {
        "VADER": said_by_vader(texts),
        "Florin without encoder": said_by(model, texts),
        "Florin": said_by(model, texts, encoder),
    }
    kinds = sorted({one.template.partition(".")[0] for one in held})
    print("### Invented headlines of templates and words that nothing learnt from: accuracy\n")
    print(f"| contender | all {len(held):,} | macro-F1 | {' | '.join(kinds)} |")
    print("|---|---|---|" + "---|" * len(kinds))
    for name, found in said.items():
        whole = figures_of(tones, found)
        cells = []
        for kind in kinds:
            those = np.array([one.template.startswith(f"{kind}.") for one in held])
            cells.append(f"{(found[those] == tones[those]).mean():.3f}")
        print(f"| {name} | {whole.accuracy:.3f} | {whole.macro_f1:.3f} | {' | '.join(cells)} |")
    print()


def per_headline_ms(texts: list[str], model: SentimentModel, encoder: Encoder | None) -> float:
    """Return CPU milliseconds of one headline asked alone, the median."""
    spent = []
    for text in texts:
        began = time.process_time_ns()
        model.look([text], encoder)
        spent.append((time.process_time_ns() - began) / 1e6)
    return float(np.median(spent))


def print_costs(
    held: list[InventedHeadline], encoder: Encoder | None, model: SentimentModel,
    *, train_s: float, size_mb: float,
) -> None:  # fmt: skip
    texts = [one.text for one in held][:300]
    market = instruments(SEED)
    linker = Linker(market)
    began = time.process_time()
    right = sum(
        one.instrument_id in {link.instrument_id for link in linker.links(one.text)} for one in held
    )
    link_ms = (time.process_time() - began) / len(held) * 1e3
    room = Newsroom(linker, model, encoder)
    room.hear(Headline(one.text, one.published_at_utc, one.source, one.url) for one in held)
    now_utc = max(one.published_at_utc for one in held) + timedelta(hours=1)
    began = time.process_time()
    room.mood_of([one.id for one in market], now_utc=now_utc)
    moods_ms = (time.process_time() - began) * 1e3
    began = time.process_time()
    model.look(texts, encoder)
    batch_ms = (time.process_time() - began) / len(texts) * 1e3
    print("### What it costs\n\n| what | found |\n|---|---|")
    print(
        f"| learning from {model.facts['headlines']:,} invented headlines, CPU s | {train_s:.1f} |"
    )
    print(f"| model on disk, MB | {size_mb:.1f} |")
    print(f"| one headline, CPU ms p50, with / without encoder | "
          f"{per_headline_ms(texts, model, encoder):.2f} / "
          f"{per_headline_ms(texts, model, None):.2f} |")  # fmt: skip
    print(f"| of {len(texts)} at once, CPU ms each | {batch_ms:.2f} |")
    print(f"| linking among {len(market)} instruments, CPU ms a headline | {link_ms:.2f} |")
    print(f"| … the instrument it is about is found | {right / len(held):.1%} |")
    print(f"| moods of {len(market)} instruments, CPU ms | {moods_ms:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smaller set, fewer headlines")
    options = parser.parse_args()
    encoder = find_encoder(ENCODER)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "news"
        began = time.process_time()
        train(folder, encoder_folder=ENCODER)
        train_s = time.process_time() - began
        size_mb = sum(one.stat().st_size for one in folder.iterdir()) / 1e6
        model = SentimentModel.load(folder)
    held = invented(count=300 if options.quick else 2_000, seed=SEED, held_out=True)
    data = os.environ.get("FLORIN_DATA_DIR", "")
    if data and (Path(data) / "fpb").is_dir():
        print_phrases(Path(data) / "fpb", encoder, model, quick=options.quick)
    else:
        print("> Financial PhraseBank is not here: set FLORIN_DATA_DIR.\n")
    print_held_out(held, encoder, model)
    print_costs(held, encoder, model, train_s=train_s, size_mb=size_mb)


if __name__ == "__main__":
    main()
