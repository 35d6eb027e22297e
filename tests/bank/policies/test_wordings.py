"""Other wordings: what may be sent for a template, and that nothing with a new figure ever is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.delivery.texts import TomlTexts, campaign_texts
from bank.policies import wordings as policy
from bank.policies.tables import load_table
from bank.policies.wordings import Fault, faults_in
from bank.ports import RenderedText
from bank.services.wordings import unfilled

OPT_OUT = "You get this because you agreed to offers. To end all of them, write: stop offers."
TEMPLATE = f"""Hello {{given_name}},

you are offered a better rate for 6 months. A savings account pays interest. Your money stays yours.
Your balance may fall.

Open the chat and write: savings account.

{OPT_OUT}"""
REWORDED = f"""Hello {{given_name}},

thank you for being with us. Did you know? A savings account pays interest, and your money stays \
yours.

Your balance may fall. You are offered a better rate for 6 months.

Interested? Open the chat and write: savings account.

{OPT_OUT}"""
SPANISH = """Hola, {given_name}:

una cuenta de ahorro paga intereses. El dinero sigue siendo suyo.

Para no recibir ninguna más, escriba: no más ofertas."""


def letters() -> list[tuple[str, str, RenderedText]]:
    return [
        (code, language, unfilled(TomlTexts(), code, locale=language))
        for code in campaign_texts()
        for language in policy.LANGUAGES
    ]


def faults(text: str, **more: str) -> tuple[Fault, ...]:
    return faults_in(text, template=TEMPLATE, language="en", **more)


def with_sentence(sentence: str) -> str:
    return REWORDED.replace("Did you know?", sentence)


def test_given_sentences_moved_joined_and_framed_then_it_may_be_sent():
    assert faults(REWORDED) == ()


@pytest.mark.parametrize(("code", "language", "letter"), letters(), ids=str)
def test_given_a_text_of_a_campaign_then_it_passes_its_own_check_and_is_easy_to_read(
    code, language, letter
):
    body, subject = letter.body, letter.subject

    assert faults_in(body, template=body, language=language) == (), code
    assert faults_in(subject, template=subject, language=language, is_subject=True) == ()
    assert policy.lix(body) <= policy.lix_max(language)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("It pays 5 %.", Fault.FIGURE),
        ("It pays five percent.", Fault.FIGURE),
        ("It is free.", Fault.FIGURE),
        ("It pays \u0665 \u066a.", Fault.FIGURE),
        ("Your gain is guaranteed.", Fault.PROMISE),
        ("You cannot lose.", Fault.PROMISE),
        ("Hurry, it ends soon.", Fault.URGENCY),
        ("Act now!", Fault.URGENCY),
        ("See https://evil.example/x.", Fault.LINK),
        ("See evil.example.", Fault.LINK),
        ("Write to us@bank.example.", Fault.LINK),
        ("<b>Hello</b>", Fault.MARKUP),
        ("**Hello**", Fault.MARKUP),
        ("Hello \N{FIRE}", Fault.MARKUP),
        ("Hel\u200blo", Fault.MARKUP),
        ("Thank you, {iban}.", Fault.FACT),
        ("Thank you, {given_name.__class__}.", Fault.FACT),
        ("Thank you, {.", Fault.FACT),
        ("The state insures your money.", Fault.NEW_WORDS),
        ("A savings account pays you.", Fault.NEW_WORDS),
        ("Your balance stays.", Fault.NEW_WORDS),
        ("Thank you, Peter.", Fault.NEW_WORDS),
        ("H\u0435llo.", Fault.NEW_WORDS),
    ],
)
def test_given_a_sentence_of_its_own_that_says_something_then_it_is_refused(sentence, fault):
    assert fault in faults(with_sentence(sentence))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (REWORDED.replace("Your balance may fall. ", ""), Fault.LEFT_OUT),
        (REWORDED.replace("6 months", "9 months"), Fault.FIGURE),
        (REWORDED.replace("6 months", "9 months"), Fault.LEFT_OUT),
        (REWORDED.replace("write: savings account", "write savings"), Fault.LEFT_OUT),
        (REWORDED.replace("{given_name}", "Ana"), Fault.LEFT_OUT),
        (REWORDED.replace(OPT_OUT, ""), Fault.CLOSING),
        (REWORDED.replace("stop offers.", "stop offers. Thank you."), Fault.CLOSING),
        (f"{REWORDED}\n\nThank you.", Fault.CLOSING),
        (REWORDED.replace("Did you know?", "Would you like to look? " * 12), Fault.LENGTH),
        (OPT_OUT, Fault.LENGTH),
        ("  \n", Fault.EMPTY),
    ],
)
def test_given_something_lost_or_too_long_then_it_is_refused(changed, fault):
    assert fault in faults(changed)


def test_given_long_sentences_of_long_words_then_it_is_too_hard_to_read():
    hard = "Interested " * 24 + "greetings."

    assert Fault.HARD in faults(with_sentence(hard))


def test_given_what_somebody_keeps_then_only_their_own_letter_speaks_of_it():
    of_a_saver = with_sentence("You are saving with us already.")

    assert faults(of_a_saver, about="saver") == ()
    assert Fault.NEW_WORDS in faults(of_a_saver, about="current")


def test_given_a_spanish_letter_then_its_own_words_count():
    moved = SPANISH.replace(
        "una cuenta de ahorro paga intereses. El dinero sigue siendo suyo.",
        "gracias por estar con nosotros. El dinero sigue siendo suyo. Una cuenta de ahorro paga "
        "intereses.",
    )

    assert faults_in(moved, template=SPANISH, language="es") == ()
    promised = moved.replace("gracias por", "ganancia garantizada, sin riesgo, por")
    assert Fault.PROMISE in faults_in(promised, template=SPANISH, language="es")


def test_given_a_head_that_binds_then_it_stays_and_another_may_be_framed():
    def head(text: str, template: str) -> tuple[Fault, ...]:
        return faults_in(text, template=template, language="en", is_subject=True)

    assert head("Did you know? A savings account", "A savings account") == ()
    assert Fault.LEFT_OUT in head("An account", "A year without account fees")
    assert Fault.LENGTH in head("Hello\nBcc: you", "A savings account")


@pytest.mark.parametrize("language", policy.LANGUAGES)
def test_given_words_that_claim_nothing_then_none_of_them_binds_counts_presses_or_promises(
    language
):
    table = load_table("wordings")
    strong = {*table["binding"][language], *table["figures"][language], *table["urgent"][language]}

    for about in policy.abouts():
        assert policy.framing_words(language, about) & strong == set()
        for word in policy.framing_words(language, about):
            assert faults_in(word, template="x", language=language, about=about, is_subject=True) \
                == (), word


pieces = st.one_of(
    st.sampled_from([*policy.sentences_of(TEMPLATE), *policy.sentences_of(REWORDED), "\n\n", "%"]),
    st.from_regex(r"[a-z ]{0,12}[0-9]{1,3}[ %€.]?", fullmatch=True),
    st.text(max_size=20),
    st.sampled_from(sorted(policy.framing_words("en", "saver"))),
)


@given(st.lists(pieces, max_size=12))
def test_nothing_with_a_figure_that_is_not_the_templates_is_ever_fit(parts):
    text = "".join(parts[:6]) + " ".join(parts[6:]) + f"\n\n{OPT_OUT}"

    if not faults(text):
        assert figures(text) <= figures(TEMPLATE)


@given(st.integers(0, len(REWORDED) - 1), st.sampled_from("0123456789%€$½²٣"))
def test_a_figure_put_anywhere_into_a_fit_wording_makes_it_unfit(place, figure):
    assert faults(REWORDED[:place] + figure + REWORDED[place:]) != ()


def figures(text: str) -> set[str]:
    return set(re.findall(r"[\d%€$½²]+", text))
