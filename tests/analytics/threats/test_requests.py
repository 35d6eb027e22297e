"""Requests: one spelling for many, signatures with reasons, a model that says where."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BrokenModel
from analytics.threats.keeping import find_requests, keep
from analytics.threats.measuring import recall_at, scores_of
from analytics.threats.requests import grams, words
from analytics.threats.requests.detecting import RequestWatch
from analytics.threats.requests.learning import learn_requests
from analytics.threats.requests.making import load_grammar, make_attacks, make_ordinary
from analytics.threats.requests.model import WEIGHTS, RequestModel
from analytics.threats.requests.normalising import PARTS_MOST, TARGET_MOST, normalise
from analytics.threats.requests.signatures import find_hits, load_signatures
from tests.analytics.threats.builders import NOON_S, THRESHOLDS, a_request


@pytest.fixture(scope="module")
def model() -> RequestModel:
    return learn_requests(ordinary_count=1_500, attacks_count=2_500)


@pytest.mark.parametrize(
    "spelt",
    [
        "<script>alert(1)</script>", "%3Cscript%3Ealert(1)%3C/script%3E",
        "%253Cscript%253Ealert%25281%2529%253C/script%253E", "<ScRiPt>alert(1)</sCrIpT>",
        "%u003cscript%u003ealert(1)%u003c/script%u003e", "%26lt;script%26gt;alert(1)%26lt;/script%26gt;",
        "＜script＞alert(1)＜/script＞", "<scr\u200bipt>alert(1)</scr\u00adipt>",
        "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e", "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    ],
)  # fmt: skip
def test_however_a_script_is_spelt_it_becomes_one(spelt):
    assert normalise(f"/a?q={spelt}") == "/a\x1fq=<script>alert(1)</script>"


@pytest.mark.parametrize(
    "spelt",
    ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%252e%252e%252f%252e%252e%252fetc/passwd",
     "..%c0%af..%c0%afetc/passwd", "..%e0%80%af..%e0%80%afetc/passwd"],
)  # fmt: skip
def test_however_a_way_up_is_spelt_it_is_a_traversal(spelt):
    assert "path_traversal" in {hit.kind for hit in find_hits(normalise(f"/a?file={spelt}"))}


@pytest.mark.parametrize(
    ("target", "kind", "technique"),
    [
        ("/a?id=1'+UNION/**/SELECT+password+FROM+users--", "sql_injection", "T1190"),
        ("/a?id=1%27;waitfor%20delay%20'0:0:5'--", "sql_injection", "T1190"),
        ("/a?q=%3Cimg%20src=x%20onerror=alert(1)%3E", "xss", "T1189"),
        ("/static/..%2f..%2fetc/passwd", "path_traversal", "T1083"),
        ("/a?host=1.1.1.1;cat%20/etc/hosts", "command_injection", "T1059"),
        ("/a?name={{7*7}}", "template_injection", "T1190"),
        ("/a?x=${jndi:ldap://x.test/a}", "template_injection", "T1190"),
        ("/phpmyadmin/index.php", "scanner", "T1595.003"),
        ("/a?next=http://169.254.169.254/latest/", "remote_include", "T1190"),
        ("/a?q=x%0d%0aSet-Cookie:a=b", "header_injection", "T1190"),
    ],
)
def test_a_signature_names_the_kind_the_technique_and_where(target, kind, technique):
    text = normalise(target)

    hit = next(hit for hit in find_hits(text) if hit.kind == kind)

    assert hit.technique == technique
    assert text[slice(*hit.span)].startswith(hit.excerpt)
    assert 0 < len(hit.excerpt) <= 60


@pytest.mark.parametrize(
    "target",
    [
        "/search?q=O%27Brien+%26+Sons", "/api/chat/messages?text=select+a+card+from+the+list",
        "/help?q=drop+me+a+line%3B+or+call", "/accounts?sort=created_at+desc&filter=amount%3E100",
        "/a?q=union+square+branch", "/a?redirect_uri=https%3A%2F%2Fbank.example%2Faccounts",
        "/a?body=%7B%22text%22%3A%22what%27s+my+balance%3F%22%7D", "/console/cases?queue=alert",
        "/a?q=R%26D+50%25+off+5+%3C+6", "/a?type=card&id=7&sort=name&set=1&find=x",
    ],
)  # fmt: skip
def test_ordinary_requests_that_look_alike_have_no_signature(target):
    assert find_hits(normalise(target)) == []


def test_a_scanners_name_in_the_agent_is_a_hit():
    (hit,) = find_hits(normalise("/"), agent="sqlmap/1.8#stable")

    assert (hit.kind, hit.technique) == ("scanner", "T1595.002")


@given(st.text(max_size=300))
def test_any_target_is_normalised_bounded_and_never_breaks_a_signature(target):
    text = normalise(target)

    assert text.count("\x1f") <= PARTS_MOST + 1
    assert len(text) <= (TARGET_MOST + 1) * (PARTS_MOST + 2)
    find_hits(text)


@given(st.lists(st.text("ab1'=<(/ é\u2014\x1f", max_size=12), max_size=6))
def test_many_texts_at_once_have_the_places_of_each(texts):
    places, counts = grams.seen_in(texts)

    each = [grams.seen(text) for text in texts]
    assert counts.tolist() == [len(one) for one in each]
    assert places.tolist() == [place for one in each for place in one.tolist()]


def test_words_of_one_class_are_one_sign_and_spaces_none():
    one, _ = words.read("' or sleep(5)#")
    other, _ = words.read("'and benchmark(77)#")

    assert one.tolist() == other.tolist()
    assert one.tolist() != words.read("' or dinner(5)#")[0].tolist()


@given(st.text(max_size=60))
def test_signs_stand_one_after_the_other_within_the_text(text):
    signs, starts = words.read(text)

    assert len(starts) == len(signs) + 1
    assert starts.tolist() == sorted(starts.tolist())
    assert starts[-1] == len(text)


def test_no_signature_takes_more_than_linear_time():
    hurting = ["'" * 4_000, "a" * 4_000, "(select" * 500, "../" * 1_300, "{{" * 2_000, "${" * 2_000,
               "<!--" * 1_000, "' or " * 800, "/*" * 2_000, "=http:/" * 500, "`" * 4_000, " " * 4_000,
               "select " * 570, "1 or (((((" * 400]  # fmt: skip
    for text in hurting:
        short, long = _cpu_s(text[: len(text) // 2]), _cpu_s(text)
        # Twice the text takes twice as long; four times as long, with a margin, is a square.
        assert long < 4 * short + 0.02, text[:10]


def test_grammars_that_teach_and_that_measure_share_no_form():
    for one in ("attacks", "ordinary"):
        taught, aside = load_grammar(one), load_grammar(f"{one}_aside")
        ours = {form for forms in taught.symbols.values() for form in forms if len(form) > 12}
        theirs = {form for forms in aside.symbols.values() for form in forms if len(form) > 12}
        assert len(ours & theirs) <= 0.01 * len(theirs), ours & theirs


def test_equal_seeds_make_equal_requests_and_others_others():
    assert make_attacks(50, seed=1) == make_attacks(50, seed=1)
    assert make_attacks(50, seed=1) != make_attacks(50, seed=2)
    assert all(one.attack == "" for one in make_ordinary(50, seed=1))


@given(st.text(min_size=1, max_size=60))
def test_weights_laid_over_a_text_add_up_to_its_runs(text):
    weights = np.linspace(-1, 1, grams.PLACES)

    over = grams.laid_over(text, weights)

    runs = sum(weights[one.places].sum() for one in grams.runs_of(text))
    assert len(over) == len(text)
    assert over.sum() == pytest.approx(runs, abs=1e-6)


def test_given_few_requests_to_learn_from_then_new_ones_are_told_apart(model):
    honest = scores_of(model, [one.target for one in make_ordinary(500, seed=50)])
    hostile = scores_of(model, [one.target for one in make_attacks(500, seed=50)])

    assert recall_at(honest, hostile, fpr=0.01) > 0.93


def test_given_an_attack_in_the_last_of_many_parameters_then_it_is_not_thinned(model):
    attack = "x=1%27%20or%20%27a%27=%27a"
    around = "&".join(f"note{n}=hello+there+what+is+my+balance" for n in range(40))

    alone, among = scores_of(model, [f"/cards?{attack}", f"/cards?{around}&{attack}"])

    assert among >= alone - 1e-9


def test_spans_show_the_part_that_raised_the_score(model):
    text = normalise("/cards?page=2&q=hello&id=1' or 1=1 union select password from users--")

    spans = model.spans(text)

    assert text.index(spans[0].text) > text.index("id=")
    assert all(span.weight > 0 for span in spans)


def test_given_a_score_without_signature_then_the_alert_has_no_count(model):
    low = RequestModel(model.weights, model.signatures, model.bias, -50.0)
    watch = RequestWatch(THRESHOLDS, low)

    (alert,) = watch.take(a_request("/cards?page=2"))

    assert (alert.kind, alert.count) == ("request_anomaly", 0)


def test_given_signatures_again_and_again_then_they_are_counted_per_source():
    watch = RequestWatch(THRESHOLDS)

    found = [
        alert
        for n in range(6)
        for alert in watch.take(a_request("/a?f=../../etc/passwd", at_s=NOON_S + n))
    ]

    assert [alert.count for alert in found] == [1, 2, 3, 4, 5, 6]


def test_given_a_model_saved_then_it_comes_back_the_same_and_a_changed_file_is_refused(
    model, tmp_path
):
    folder = keep(model, tmp_path, "requests")
    keep(model, tmp_path, "requests")  # a second takes its place

    found = find_requests(tmp_path)

    texts = [normalise(one.target) for one in make_attacks(50, seed=9)]
    assert np.allclose(found.scores(texts), model.scores(texts), atol=1e-3)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1] + b"x")
    with pytest.raises(BrokenModel):
        find_requests(tmp_path)


@pytest.mark.parametrize("change", ["signatures", "format", "bias"])
def test_given_a_model_of_other_signatures_or_format_then_it_is_refused(model, tmp_path, change):
    folder = keep(model, tmp_path, "requests")
    told = json.loads((folder / "model.json").read_text())
    told[change] = {"signatures": {"other": 1.0}, "format": 99, "bias": "much"}[change]
    (folder / "model.json").write_text(json.dumps(told))

    with pytest.raises(BrokenModel):
        find_requests(tmp_path)


def test_no_model_is_no_fault(tmp_path):
    assert find_requests(tmp_path) is None


def test_every_signature_has_a_reason_and_a_technique():
    for one in load_signatures():
        assert one.technique.startswith("T1")
        assert one.reason[0].islower()


def _cpu_s(text: str) -> float:
    times = []
    for _ in range(3):
        began = time.thread_time()
        find_hits(text)
        times.append(time.thread_time() - began)
    return min(times)
