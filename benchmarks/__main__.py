"""`make bench`: runs every measurement and writes the tables into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "benchmarks.md"
PYTHON, BOT_PYTHON = sys.executable, str(ROOT / "bot/.venv/bin/python")

#: Title, what it shows, command, and the command's arguments for a quick look.
MEASUREMENTS = (
    ("Transfers under kill -9",
     "32 clients, retries with the same key; five laws, each must be 0. A transfer is two writes (propose, confirm). Bare commits of the same run tell what a flush costs: where the disk answers thousands a second, the ratio measures our CPU, where it answers a hundred, group commit.",
     [PYTHON, "-m", "benchmarks.transfers_chaos"], ["--transfers", "1000", "--kills", "2"]),
    ("A turn beside stock Rasa",
     "The same model and sentence through our doors and through Rasa's REST channel.",
     [PYTHON, "-m", "benchmarks.turn_latency"], ["--messages", "48"]),
    ("A turn as the conversation grows",
     "CPU of a turn: our encrypted tracker store beside Rasa's own.",
     [BOT_PYTHON, "benchmarks/tracker_growth.py"], []),
    ("Chat under kills",
     "Every message answered or apologised for exactly once.",
     [PYTHON, "-m", "benchmarks.chat_chaos"], ["--turns", "200", "--kills", "3"]),
    ("A later start",
     "`florin up` on a home that exists, to the first answered message.",
     [PYTHON, "-m", "benchmarks.later_start"], []),
    ("Who is it",
     "Photographs of documents, faces, films of movements, sanctions lists, our own documents honest and tampered. What a figure is worth stands in docs/cards.",
     [str(ROOT / ".venv/bin/florin"), "identity", "evaluate", "--baselines", "--documents", "400"], ["--documents", "20"]),
    ("Understanding anybody's intents",
     "config.yml's own pipeline on public tables, official splits, beside a plain sklearn baseline and Rasa's own DIET in the same run. Few shots: means of draws.",
     [BOT_PYTHON, "benchmarks/understanding.py", "--diet"], ["--only", "BANKING77, 5 shots", "--draws", "1"]),
    ("Entities",
     "Amounts, dates, IBANs, names … on our own tables; money and dates beside recognizers-text in the same run.",
     [BOT_PYTHON, "benchmarks/entities.py"], ["--quick"]),
    ("Churn tables",
     "Public tables, stratified folds (Telco five times), every model in one run beside the seeds' forest; then the leak of doubling the rarer class before the split. One set of settings for all tables. It was chosen on Telco and churn-modelling with other folds of the same rows, and on BankChurners and German credit, so where a figure meets its target by less than the folds' spread, read \"at the target\". bank-marketing had no part in it.",
     [PYTHON, "-m", "benchmarks.churn_tables"], ["--quick"]),
    ("A campaign whose customers change",
     "bank-marketing in its order of time, without the call's duration: learn on the first 40 %, then score, see the labels, recalibrate, retrain on an alarm. Labels are known at the next 500 rows; with steps of 2,000 the same method meets neither target. Settings were chosen on the first 30 % of the stream, but prototypes had been scored on the rest.",
     [PYTHON, "-m", "benchmarks.drift"], ["--quick"]),
    ("Uplift",
     "Hillstrom's randomised e-mail, women's against none, outcome visit: random halves, ten seeds, all learners in one run. Ten halves of the same 64,000 people are not ten trials. Two rules and a prior were set after halves of these seeds had been looked at; on seeds drawn afterwards (`--first-seed 100`) the means are 4.14 and 0.0751.",
     [PYTHON, "-m", "benchmarks.uplift"], ["--seeds", "1"]),
    ("Whom to keep: how many past offers a plan needs",
     "True value of a plan at one budget in paper towns, as the bank's past of offers grows, beside ranking by risk, the best offer in hindsight, and who knows every effect.",
     [PYTHON, "-m", "benchmarks.retention_growth"], ["--seeds", "611"]),
    ("Fraud",
     "The handbook's stream and protocol: 7 days of delay, known-compromised customers removed, four weeks. Spans and numbers of trees were compared on three of these weeks; on later weeks (`--weeks later`), where nothing was chosen, the blend has AP 0.759, recall 0.766, CP@100 0.312 (ceiling 0.785).",
     [PYTHON, "-m", "benchmarks.fraud"], ["--only", "rules"]),
    ("Laundering patterns",
     "AMLSim's samples: thresholds by F0.5 up to day 90, figures after it. Easy data: only planted pairs repeat a transfer, so a precision of 1.000 is the simulator's. Where a pattern is not planted its row says how often it speaks for nothing.",
     [PYTHON, "-m", "benchmarks.aml"], []),
    ("Network threats",
     "NSL-KDD's official split, the threshold from out-of-fold scores of training normals alone, the seeds' forest in the same run; requests of families kept aside; CPU of an event. Members and weights were chosen on KDDTrain+ with kinds of attack left out, but KDDTest+ was looked at four times on the way (docs/cards/threats.md): read its figures as a little optimistic. The foreign corpus (`--foreign FOLDER`: Fwaf's badqueries.txt, and as its honest side the access log of elastic/examples, which holds probes itself) is no part of the project.",
     [PYTHON, "-m", "benchmarks.threats"], ["--quick"]),
    ("The town's models",
     "What a first run learns from the invented town, beside what its makers know. The simulator was tuned with seed 7 until the guards held; with so few positives the intervals are wide.",
     [PYTHON, "-m", "benchmarks.town"], ["--customers", "400"]),
    ("The town changes",
     "Fraud in the invented town, whose shops and card thieves change on a day known to its makers only: the champion of before looks every week at the newest four settled weeks; a cause that stays three weeks is an alarm. The challenger has seen 84 days more.",
     [PYTHON, "-m", "benchmarks.town_drift"], []),
    ("Payments before they move",
     "The bank's own signals, weights and table of decisions on the transfers of invented towns. Weights were fitted on seeds 411 and 412; figures of 401 and 402 had been seen before the last threshold was set, 403 had not. The town plants no words: they are drawn from held-out lines, of the deceived six in ten, of honest payers one in ten. One payment at a time: that a held one ends a series is not counted.",
     [PYTHON, "-m", "benchmarks.protection"], ["--seeds", "401", "--customers", "600"]),
    ("Was this you?",
     "How often a customer of an invented town is asked about a card payment, and of what is asked how much is fraud. The threshold was chosen on seed 7.",
     [PYTHON, "-m", "benchmarks.card_questions", "--seeds", "401,402", "--customers", "1000"], ["--seeds", "401", "--customers", "300"]),
    ("Scores through the door",
     "`POST /api/score/{model}` with key check over SQLite: our version from the registry beside a bare RandomForest(150) behind the same door. The invented table has 40 numbers a row; CPU is the server's, so a busy machine stretches the milliseconds only.",
     [PYTHON, "-m", "benchmarks.scoring_door"], ["--seconds", "1"]),
    ("The library",
     "Index and questions at 10,000 passages of drawn texts, three sentences of about fourteen words each, on two cores; LangChain's plain TF-IDF over the same passages. Encoding is nearly all of the index's time, and is done once a text.",
     [PYTHON, "-m", "benchmarks.knowledge"], ["--passages", "500", "--questions", "50"]),
    ("The library among all skills",
     "What of the library's questions it gets to answer, as a chat's first message, where a hundred other intents may take it. A question that a skill takes may be well answered there. Nobody's questions and wishes have no right article.",
     [PYTHON, "-m", "benchmarks.library_in_chat"], []),
    ("A language model that lies",
     "Lies of twelve kinds about passages of the shipped articles, said by a local server to the real clients and checked sentence by sentence. What a lie is was decided by us, and so was the check: a sentence must have all of a passage's content words in their order.",
     [PYTHON, "-m", "benchmarks.composing"], ["--passages", "6"]),
    ("Attacks on the library",
     "Direct attacks said to the whole assistant by a customer: a real Rasa, actions and bank over memory.",
     [PYTHON, "-m", "benchmarks.library_attacks"], ["--most", "10"]),
    ("Security events",
     "Written as CEF and ECS, and on their way to Debian's rsyslogd over UDP, TCP and TLS with the receiver away in between, in real seconds. Loopback; the worker looks every 0.3 s. Away for ten and a half minutes (`--down-s 630`): killed over TCP 11,149 events, ended over TLS 11,174; 0 lost, 0 dead, 37 and 38 copies, all there after 24 s.",
     [PYTHON, "-m", "benchmarks.siem"], ["--down-s", "5", "--seconds", "5"]),
    ("From the act to the desk",
     "A payment is paused; how soon the console's socket, the compliance team's mail server and Debian's rsyslogd (where there is none, the tests' own receiver) have its alert. Wall time on loopback, one web process over SQLite with its worker, two alerts a second. Mails at once are bounded an hour; what is beyond has none, and the run fails when one comes.",
     [PYTHON, "-m", "benchmarks.alert_latency"], ["--alerts", "12"]),
    ("Advice",
     "Ten nearest profiles with the suitability mask inside the search; new items in public invoices; recommendations in an invented town, unmasked as published figures rank and as served; drawn people judged by the policy. How often each test set was looked at stands in docs/cards/advice.md.",
     [PYTHON, "-m", "benchmarks.advice"], ["--quick"]),
    ("An answer about money",
     "From the sentence to a mix with two pictures, through web, Rasa and the action server, beside a thank-you in the same conversations.",
     [PYTHON, "-m", "benchmarks.advice_turn"], ["--turns", "8"]),
    ("Risk and optimisers",
     "skfolio's prices, 1990-2022, walked forward: value at risk of tomorrow on the S&P 500 and on random mixes of 20 stocks, by number (Kupiec) and by independence (Christoffersen); optimisers monthly, from the two years before, beside equal weight on the same days. The filter's numbers were chosen before 2005, on other mixes; but one grid of simpler filters had been printed for all years first, and the quantile's position was mended after a look at 1990-2022. Stocks that are still there are winners: no return here is to be had. A model that is right passes all four tests in 86 of 100.",
     [PYTHON, "-m", "benchmarks.portfolio"], ["--quick"]),
    ("Segments",
     "A million invented rows of six slanted groups; an invented town, whose makers mix segments that behave nearly alike; public invoices. Groups are looked for without labels; the classifier that is told them says what the same features could give at best. Features were chosen while looking at the town of seed 7.",
     [PYTHON, "-m", "benchmarks.segments"], ["--quick"]),
    ("Suspicious requests",
     "What a customer's line gives to notice, on families of lines that nobody learnt from: written before the corpus, but by the same author, so hopeful. False flags on our held-out wishes and on public test questions.",
     [PYTHON, "-m", "benchmarks.suspicion"], ["--quick"]),
    ("Campaigns",
     "An audience planned over SQLite, by one rule and by four joined by and, or and not that ask four tables; the rule of contacting beside a plainer reading of the same table; random schedules through the real service over SQLite, four workers beside withdrawals and stops, read again from what the measurement itself knows of the people; withdrawals that race sends for one letter. A schedule is one look at a person, campaign, channel and moment. Memory is the whole process's, the invented customers among it.",
     [PYTHON, "-m", "benchmarks.campaigns"], ["--quick"]),
    ("What the headlines say",
     "Sentiment on Financial PhraseBank, stratified folds, the regularisation chosen inside each training part; features were designed on four fifths of the 50 % set, so its first fold, which no choice saw, stands beside the whole. The last column learnt from invented headlines only, as the shipped model does. Then held-out templates of our own, and what it costs.",
     [PYTHON, "-m", "benchmarks.news"], ["--quick"]),
    ("Understanding",
     "Held-out customer sentences, never in the training data.",
     [BOT_PYTHON, "benchmarks/holdout.py"], []),
)  # fmt: skip


def tables(printed: str) -> str:
    """Return the headings, tables and notes among what a command printed, apart from each other."""
    parts, before = [], ""
    for line in printed.splitlines():
        kind = next((one for one in ("### ", "|", "> ") if line.startswith(one)), "")
        if kind:
            parts += ["", line] if parts and kind != before else [line]
        before = kind
    return "\n".join(parts) + "\n"


def _shown(program: str, arguments: list[str]) -> str:
    """Return a command as a reader types it."""
    name = Path(program).name
    return " ".join([name if name == "florin" else "python", *arguments])


def sections(report: str) -> dict[str, str]:
    """Return what stands under each heading of the report."""
    parts = report.split("\n## ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2].strip("\n") for part in parts}


def report_of(head: str, found: dict[str, str]) -> str:
    """Return the whole report, its sections in the order of MEASUREMENTS."""
    told = (f"## {title}\n\n{found[title]}\n" for title, *_ in MEASUREMENTS if title in found)
    return "\n".join([head, *told])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    parser.add_argument("--all", action="store_true", help="the full sizes (default)")
    parser.add_argument(
        "--only", action="append", choices=[title for title, *_ in MEASUREMENTS],
        help="this table anew, all others as they stand",
    )  # fmt: skip
    options = parser.parse_args()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    head = (
        "# Benchmarks\n\nWritten by `make bench`; every table names its command. "
        f"Taken {today} on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. Ratios travel between "
        "machines, seconds do not.\n"
    )
    found: dict[str, str] = {}
    if options.only:
        before = REPORT.read_text(encoding="utf-8")
        head, found = before.partition("\n## ")[0], sections(before)
    failed = []
    for title, idea, command, quick in MEASUREMENTS:
        if options.only and title not in options.only:
            continue
        arguments = [*command[1:], *(quick if options.quick else [])]
        print(f"\n== {title}", flush=True)
        done = subprocess.run(
            [*command[:1], *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=False
        )
        print(done.stdout, flush=True)
        if done.returncode != 0:
            failed.append(title)
        taken = f" Taken {today}." if options.only else ""
        found[title] = (
            f"{idea}{taken}  \n`{_shown(command[0], arguments)}`\n\n{tables(done.stdout)}"
        )
    if not options.quick:
        REPORT.write_text(report_of(head, found), encoding="utf-8")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
