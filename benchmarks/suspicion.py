"""Suspicious requests in the chat: our detector beside a keyword list and TF-IDF + regression.

    python -m benchmarks.suspicion [--quick]

Learns from analytics/suspicion/corpus and nlu_data, then measures on lines that no contender
learnt: whole families of tests/analytics/suspicion/heldout, the assistant's held-out sentences
(tests/nlu), and, where $FLORIN_DATA_DIR is, BANKING77's and CLINC150's test questions. A flag is a
suspicion: kinds of care and reports are counted in their own rows.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from analytics.suspicion import Detector, Line, Listener
from analytics.suspicion.corpus import Example, load, ordinary
from analytics.suspicion.kinds import KINDS, NAMES
from analytics.suspicion.learning import _drawn, train

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT = ROOT / "tests" / "analytics" / "suspicion" / "heldout"
ENCODER = ROOT / "models" / "encoder"
DATA = Path(os.environ.get("FLORIN_DATA_DIR", str(ROOT.parent / "shared" / "data")))
SUSPICIONS = frozenset(name for name, kind in KINDS.items() if kind.is_suspicion)
#: CLINC150's intents of banks and cards.
BANKING = frozenset(
    "transfer transactions balance freeze_account pay_bill bill_balance bill_due interest_rate "
    "routing min_payment order_checks pin_change report_fraud account_blocked spending_history "
    "credit_score report_lost_card credit_limit rewards_balance new_card application_status "
    "card_declined international_fees apr redeem_rewards credit_limit_change damaged_card "
    "replacement_card_duration improve_credit_score expiration_date direct_deposit taxes income "
    "rollover_401k insurance exchange_rate".split()
)
#: What somebody would write down in an hour.
KEYWORDS = {
    "safe_account": r"safe account|secure account|cuenta segura|protected account",
    "urgency": r"immediately|right now|hurry|urgent|within (the|an) hour|ten minutes",
    "secrecy": r"secret|(don't|not) tell|nobody (may|must) know|confidential|between us",
    "coaching": r"told me to say|say it's for|if (you|the bank) asks?|still on the phone",
    "remote_access": r"anydesk|teamviewer|remote|share my screen|my computer",
    "romance": r"dating|met (him|her|online)|love|boyfriend|girlfriend",
    "investment": r"crypto|bitcoin|guarantee|invest|profit|broker|trading",
    "invoice_change": r"(new|different|changed) (iban|account|bank) .*(invoice|supplier)|invoice.*new",
    "coercion": r"forc(es?|ing)|threaten|blackmail|makes me|hurt me",
    "credential_bait": r"(asked|wants|gave|told).*(pin|password|code)|click|verify your",
    "mule_recruiting": r"commission|pass it on|use my account|receive money|keep .* percent",
    "account_takeover": r"without (the )?code|bypass|skip|someone else's|different number",
    "staff_social_engineering": r"i'm (from|the) .*(it|office|admin|police)|override|head office",
    "prompt_injection": r"ignore|instructions|system prompt|pretend|jailbreak|</?\w+>",
    "abuse": r"fuck|shit|stupid|idiot|bastard|kill you",
    "reports_scam": r"scam|fraud|report",
    "bereavement": r"died|passed away|funeral|death|late (husband|wife)",
    "illness": r"hospital|cancer|ill|sick|stroke|depression",
    "debt_distress": r"debt|can't pay|afford|bailiff|lost my job",
    "confusion": r"confused|don't understand|forget|remember",
    "self_harm": r"kill myself|suicide|want to die|end (it|my life)",
}  # fmt: skip

#: A contender: lines and language → one set of kinds a line.
Contender = Callable[[Sequence[str], str], list[frozenset[str]]]


def ours(detector: Detector) -> Contender:
    return lambda texts, language: [
        frozenset(one.kind for one in detector.look(text, language=language)) for text in texts
    ]


def keywords(texts: Sequence[str], _language: str) -> list[frozenset[str]]:
    return [
        frozenset(
            kind for kind, words in KEYWORDS.items() if re.search(rf"\b({words})", text.lower())
        )
        for text in texts
    ]


def plain(examples: Sequence[Example]) -> Contender:
    """TF-IDF of words and pairs, one regression a kind, threshold a half: an afternoon's work."""
    counted = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = OneVsRestClassifier(LogisticRegression(C=30.0, solver="liblinear"))
    labels = np.array([[name in one.kinds for name in NAMES] for one in examples], dtype=int)
    model.fit(counted.fit_transform([one.text for one in examples]), labels)

    def look(texts: Sequence[str], _language: str) -> list[frozenset[str]]:
        found = model.predict_proba(counted.transform(texts)) >= 0.5
        return [frozenset(np.array(NAMES)[row]) for row in found]

    return look


def tables() -> dict[str, list[tuple[str, str]]]:
    """Return (text, language) of ordinary lines by set. Public sets only where they are."""
    found: dict[str, list[tuple[str, str]]] = {"our held-out wishes": []}
    for path in sorted((ROOT / "tests" / "nlu").glob("holdout_*.csv")):
        language = "es" if path.stem.endswith("es") else "en"
        with path.open(encoding="utf-8") as file:
            found["our held-out wishes"] += [
                (row["text"], language) for row in csv.DictReader(file)
                if row["category"] not in ("insult", "dispute_transaction", "explain_dispute")
            ]  # fmt: skip
    if (DATA / "banking77" / "test.csv").is_file():
        with (DATA / "banking77" / "test.csv").open(encoding="utf-8") as file:
            found["BANKING77 test"] = [(row["text"], "en") for row in csv.DictReader(file)]
    if (DATA / "clinc150").is_dir():
        with gzip.open(DATA / "clinc150" / "data_full.json.gz", "rt", encoding="utf-8") as file:
            rows = json.load(file)["test"]
        found["CLINC150 test, banking"] = [(t, "en") for t, intent in rows if intent in BANKING]
        found["CLINC150 test, others"] = [(t, "en") for t, intent in rows if intent not in BANKING]
    return found


def f1_rows(contender: Contender, held: Sequence[Example]) -> dict[str, tuple[float, int]]:
    """Return (F1, positives) of each kind and of groups of kinds taken together."""
    counts = {name: np.zeros(3, dtype=int) for name in NAMES}
    for language in ("en", "es"):
        lines = [one for one in held if one.language == language]
        if not lines:
            continue
        for one, said in zip(lines, contender([each.text for each in lines], language)):
            for name in NAMES:
                counts[name] += (
                    name in one.kinds and name in said,
                    name not in one.kinds and name in said,
                    name in one.kinds and name not in said,
                )
    groups = {
        "all kinds (micro)": NAMES,
        "suspicions (micro)": tuple(SUSPICIONS),
        "care and reports (micro)": tuple(set(NAMES) - SUSPICIONS),
        **{name: (name,) for name in NAMES},
    }
    found = {}
    for title, names in groups.items():
        hit, false, missed = sum((counts[name] for name in names), np.zeros(3, dtype=int))
        both = 2 * hit + false + missed
        found[title] = (2 * hit / both if both else float("nan"), int(hit + missed))
    return found


def latency(detector: Detector, texts: Sequence[str]) -> tuple[float, float]:
    """Return CPU ms of one look, median and 99th percentile."""
    for text in texts[:50]:
        detector.look(text)
    took = []
    for text in texts:
        began = time.process_time()
        detector.look(text)
        took.append((time.process_time() - began) * 1000)
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


def print_held_out(contenders: dict[str, Contender], held: list[Example]) -> None:
    english = [one for one in held if one.language == "en"]
    spanish = [one for one in held if one.language == "es"]
    found = {name: f1_rows(one, english) for name, one in contenders.items()}
    print(f"### Held-out families: F1 (English, {len(english)} lines)\n")
    print(f"| kind | lines | {' | '.join(contenders)} |")
    print("|---|---|" + "---|" * len(contenders))
    for title, (_, positives) in found["Florin"].items():
        cells = " | ".join(f"{found[name][title][0]:.3f}" for name in contenders)
        print(f"| {title} | {positives} | {cells} |")
    cells = [f"{f1_rows(one, spanish)['all kinds (micro)'][0]:.3f}" for one in contenders.values()]
    print(f"| Spanish, all kinds (micro) | {len(spanish)} | {' | '.join(cells)} |\n")


def print_flags(contenders: dict[str, Contender], held: list[Example]) -> None:
    sets = {"held-out near misses": [(one.text, one.language) for one in held if not one.kinds]}
    print("### Ordinary lines flagged with a suspicion (with care or a report besides)\n")
    print(f"| set | lines | {' | '.join(contenders)} |")
    print("|---|---|" + "---|" * len(contenders))
    for title, rows in (sets | tables()).items():
        cells = []
        for contender in contenders.values():
            said: list[frozenset[str]] = []
            for language in ("en", "es"):
                said += contender([t for t, of in rows if of == language] or [""], language)
            flagged = sum(bool(one & SUSPICIONS) for one in said) / len(rows)
            other = sum(bool(one - SUSPICIONS) for one in said) / len(rows)
            cells.append(f"{flagged:.2%} ({other:.2%})")
        print(f"| {title} | {len(rows)} | {' | '.join(cells)} |")
    print()


def print_stories(detector: Detector) -> None:
    """Conversations of held-out stories, heard line by line, beside each line looked at alone."""
    stories = yaml.safe_load((HELD_OUT / "stories.yml").read_text(encoding="utf-8"))
    began = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    found = {"told": [0, 0, 0], "honest": [0, 0, 0]}
    for story in stories:
        listener, heard, alone = Listener(detector), set(), set()
        for place, text in enumerate(story["lines"]):
            line = Line("customer", text, began + timedelta(minutes=place), story["language"])
            heard |= {one.kind for one in listener.hear(line)}
            alone |= {one.kind for one in detector.look(text, language=story["language"])}
        row = found["told" if story["kinds"] else "honest"]
        row[0] += 1
        for column, said in ((1, heard), (2, alone)):
            wanted = set(story["kinds"]) if story["kinds"] else SUSPICIONS
            row[column] += bool(said & wanted)
    print("### Held-out conversations\n\n| stories | n | heard in context | line by line |")
    print("|---|---|---|---|")
    for name, title in (("told", "with a suspicion: found"), ("honest", "honest: flagged")):
        print(f"| {title} | {' | '.join(str(one) for one in found[name])} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="accepted as by all others; this is quick"
    )
    parser.parse_args()
    held = load(HELD_OUT)
    corpus, sentences = load(), ordinary(ROOT / "nlu_data" / "nlu")
    with tempfile.TemporaryDirectory() as name:
        began = time.process_time()
        heads = train(
            Path(name) / "model", ordinary_folder=ROOT / "nlu_data" / "nlu", encoder_folder=ENCODER
        )
        train_s = time.process_time() - began
        detector = Detector.load(Path(name) / "model", encoder=ENCODER)
        alone = Detector.load(Path(name) / "model", encoder=Path(name) / "none")
        size_mb = sum(one.stat().st_size for one in (Path(name) / "model").iterdir()) / 1e6
    contenders = {
        "Florin": ours(detector),
        "Florin without encoder": ours(alone),
        "TF-IDF + LR": plain([*corpus, *_drawn(sentences, 7)]),
        "keyword list": keywords,
    }
    print_held_out(contenders, held)
    print_stories(detector)
    print_flags(contenders, held)
    facts = heads.facts
    lines = [one.text for one in held]
    with_p50, with_p99 = latency(detector, lines)
    alone_p50, alone_p99 = latency(alone, lines)
    print("### What it costs\n\n| what | found |\n|---|---|")
    print(
        f"| corpus: lines / written by hand / families | {facts['corpus_lines']:,} / {facts['written_lines']:,} / {facts['families']} |"
    )
    print(f"| training, CPU s | {train_s:.1f} |")
    print(f"| model on disk, MB | {size_mb:.1f} |")
    print(f"| a look with spans, CPU ms: p50 / p99 | {with_p50:.2f} / {with_p99:.2f} |")
    print(f"| the same without encoder | {alone_p50:.2f} / {alone_p99:.2f} |")


if __name__ == "__main__":
    main()
