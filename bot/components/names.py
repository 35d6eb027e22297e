"""Who and where: payees, merchants, and words from the bank's vocabularies.

    "send 40 to ana silva for lunch"     payee_name  "ana silva"
    "what did I pay at Fernweh Rail"     merchant    "Fernweh Rail"
    "to Ana, not Anna"                   payee_name  "Ana"

A name is what stands where a name stands ("to …", "pay …", "at …"), up to a word that cannot be
part of one. Whether the customer knows such a payee, only the bank can say.
"""

from __future__ import annotations

from functools import cache, lru_cache

from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components.amounts import currencies
from bot.components.days import MONTHS, WEEKDAYS
from bot.components.found import Found
from bot.components.lexer import blank_english, read
from bot.components.numerals import NUMBER_WORDS, ORDINALS, SCALES, western
from bot.components.vocabulary import load_vocabulary

#: Words at which a name ends, and with which none begins.
_STOP = frozenset(
    "a about account accounts actually add after again agent also am amount an and another "
    "any are as asap ask at bank be because become been between bill bills branch but by can "
    "cancel card cards cash change changed charge cheaper check confirm correct cost could "
    "create delete did different dispute do does don't dont each edit euro every everyone "
    "everything extra for form freeze from get give had has have he hello help her here hers "
    "hey hi him his how human i i'd i'll i'm if immediately in info instantly instead is it "
    "it's its just know last leave let like look make many may me mine money month monthly "
    "more my need new next no nope not nothing now of off ok okay on one online only open or "
    "order other our out over paid pay payee payees payment payments pending person please "
    "pls plz put quickly rather remove rename replace reset right same saved say see send "
    "sent set she should show since so some somebody someone something somewhere speak "
    "speaking spend spent staff standing start step still stop switch talk talking tell than "
    "thank thanks that the their them then there these they thing this those thx to today "
    "together tomorrow tonight too transfer transferred try two unblock understand unfreeze "
    "until up update us use via want was we week weekly were what when where which who whole "
    "will with within without work would wrong yeah year yep yes yesterday yet you your "
    "yours".split()
)
#: Verbs that begin no name after "to" ("I want to buy"), though one may hold them ("Best Buy").
#: Verbs that are names too (Mark, Grant, Sue) are not here.
_DOING = frozenset(
    "activate apply arrange ask avoid block book borrow bring buy choose claim close collect "
    "complain do download eat enter exchange explain extend file find finish fix fly go hear "
    "increase invest join keep learn list load lock log lower meet move note pick print "
    "raise reach read receive redeem refund register rent reopen repay report request return "
    "review save schedule search sell settle share sign sort start stay stop subscribe take travel "
    "trust turn unlock unsubscribe upgrade verify view visit wait watch withdraw write".split()
)
_AFTER_NAME_OF = ("to", "pay", "send", "owe", "wire", "transfer", "bung", "ping", "give", "lend")
_MERCHANT_AT = ("at", "with", "from", "by")
_OWN = frozenset(word for words in load_vocabulary("account_kinds").values() for word in words)


@cache
def _phrases(name: str) -> PhraseMatcher:
    matcher = PhraseMatcher(blank_english().vocab, attr="LOWER")
    for value, words in load_vocabulary(name).items():
        matcher.add(value, [read(word) for word in words])
    return matcher


def find_words(doc: Doc, entity: str, vocabulary: str) -> list[Found]:
    """Return what stands in a vocabulary; the value is the vocabulary's key."""
    spans = [Span(doc, start, end, label=key) for key, start, end in _phrases(vocabulary)(doc)]
    return [Found.of(entity, span, span.label_) for span in filter_spans(spans)]


@lru_cache(maxsize=1)
def _card_digits() -> Matcher:
    four = {"TEXT": {"REGEX": r"^\d{4}$"}}
    bullets = {"TEXT": {"IN": ["•", "*", ".", "x", "…"]}, "OP": "*"}
    matcher = Matcher(blank_english().vocab)
    matcher.add("CARD", [
        [{"LOWER": {"IN": ["ending", "ends"]}}, {"LOWER": {"IN": ["in", "with", "on"]}, "OP": "?"},
         bullets, four],
        [{"LOWER": {"IN": ["card", "number", "visa", "mastercard", "debit", "credit"]}}, bullets,
         four],
        [{"TEXT": {"IN": ["•", "*"]}, "OP": "+"}, four],
    ])  # fmt: skip
    return matcher


def find_card_digits(doc: Doc) -> list[Found]:
    """Return the last four digits by which a customer names a card or an account."""
    spans = [Span(doc, start, end, label="CARD") for _, start, end in _card_digits()(doc)]
    return [
        Found.of("card_digits", doc[span.end - 1 : span.end], span[-1].text)
        for span in filter_spans(spans)
    ]


def find_numbers(doc: Doc, *, taken: list[Span]) -> list[Found]:
    """Return plain whole numbers and ordinals ("the second one"); -1 is the last."""
    found = []
    for token in doc:
        if any(span.start <= token.i < span.end for span in taken):
            continue
        text = western(token.text)
        if text.isdecimal() and len(text) <= 9:
            found.append(Found.of("number", doc[token.i : token.i + 1], int(text)))
        elif token.lower_ in ORDINALS and _points(doc, token.i):
            found.append(Found.of("number", doc[token.i : token.i + 1], ORDINALS[token.lower_]))
    return found


def _points(doc: Doc, index: int) -> bool:
    """Say whether an ordinal picks one of a list ("the second one") or is plain English."""
    after = doc[index + 1].lower_ if index + 1 < len(doc) else ""
    return after in ("", "one", "please", ".", "!", "option", "card", "payment", "transaction")


def find_payees(doc: Doc, *, taken: list[Span]) -> list[Found]:
    """Return the names of people money is to go to."""
    found = []
    for token in doc:
        if token.lower_ not in _AFTER_NAME_OF or _negated(doc, token.i):
            continue
        if token.lower_ == "to" and _is_doing(doc, token.i + 1):
            continue
        span = _name_from(doc, token.i + 1, taken)
        if span is not None and not _is_own_account(span):
            found.append(Found.of("payee_name", span, span.text))
    if not found:  # "ana, not anna": a bare correction
        found = _contrasted(doc, taken)
    return _distinct(found)


def find_merchants(doc: Doc, *, taken: list[Span]) -> list[Found]:
    """Return shops: names after "at", "with", "from", "by", or capitalised after "to", "on"."""
    found = []
    for token in doc:
        span = None
        if token.lower_ in _MERCHANT_AT:
            span = _name_from(doc, token.i + 1, taken)
        elif token.lower_ in ("to", "on", "for", "my", "the") and token.i + 1 < len(doc):
            span = _name_from(doc, token.i + 1, taken)
            span = span if span is not None and span.text[0].isupper() else None
        if span is not None and not _is_own_account(span):
            found.append(Found.of("merchant", span, span.text))
    return _distinct(found)


def _name_from(doc: Doc, start: int, taken: list[Span]) -> Span | None:
    """Return up to four name-like tokens from `start`; skips "my friend", "mr"."""
    while start < len(doc) and (
        doc[start].is_space
        or doc[start].lower_ in ("my", "friend", "mr", "mrs", "ms", "the", "dear")
    ):
        start += 1
    end = start
    words = 0
    while end < len(doc) and words < 4 and _may_be_name(doc, end, taken):
        words += doc[end].is_alpha or not doc[end].is_punct
        end += 1
    while end > start and not doc[end - 1].text[-1].isalnum():
        end -= 1
    return doc[start:end] if end > start and any(t.is_alpha for t in doc[start:end]) else None


def _may_be_name(doc: Doc, index: int, taken: list[Span]) -> bool:
    token = doc[index]
    if any(span.start <= index < span.end for span in taken):
        return False
    if token.text in ("-", "&", "'", "’", "."):
        # Joins a name only without a gap: "Anne-Marie", "J. Berg"; a full stop ends the sentence.
        return token.text != "." or (index > 0 and len(doc[index - 1]) == 1)
    word = token.lower_.removesuffix("'s").removesuffix("’s")
    return (
        not token.is_space
        and (token.is_alpha or "'" in token.text or "’" in token.text)
        and word not in _STOP
        and word not in currencies()
        and word not in NUMBER_WORDS
        and (word not in SCALES or token.text[0].isupper())
        and word not in MONTHS
        and word not in WEEKDAYS
    )


def _is_doing(doc: Doc, index: int) -> bool:
    """Say whether a verb stands there: in lower case, so that a capital keeps a name a name."""
    return index < len(doc) and doc[index].text in _DOING


def _negated(doc: Doc, index: int) -> bool:
    return index > 0 and doc[index - 1].lower_ == "not"


def _is_own_account(span: Span) -> bool:
    return span.text.lower().removesuffix("account").strip() in _OWN or span.text.lower() in _OWN


def _contrasted(doc: Doc, taken: list[Span]) -> list[Found]:
    for token in doc:
        if token.lower_ == "not" and token.i > 0:
            start = token.i - 1
            while start >= 0 and (doc[start].is_punct or _may_be_name(doc, start, taken)):
                start -= 1
            span = _name_from(doc, _skip_marks(doc, start + 1, token.i), taken)
            if span is not None and span.end <= token.i and not _is_own_account(span):
                return [Found.of("payee_name", span, span.text)]
    return []


def _skip_marks(doc: Doc, start: int, end: int) -> int:
    while start < end and doc[start].is_punct:
        start += 1
    return start


def _distinct(found: list[Found]) -> list[Found]:
    seen: dict[tuple[int, int], Found] = {}
    for one in found:
        seen.setdefault((one.start, one.end), one)
    return list(seen.values())
