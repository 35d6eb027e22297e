"""What may not stand in an article: told with a code, so that a person looks at it.

    hidden_characters  invisible, bidirectional or look-alike letters
    markup             HTML, scripts, pictures, frames of a prompt
    foreign_link       a link, host or mail address that is not the bank's
    foreign_iban       any account number
    foreign_phone      a phone number that is not the bank's
    instructions       words to a machine that reads, or that ask customers for secrets or money
    encoded_block      base 64, hex: nobody can read it, so nobody can vouch for it
    language           a sentence of a language the article is not in

An article is text to us, and no text chooses what is done; this is for the customer, who would
believe what the bank shows. `is_safe_to_show` is the last look at each span before it is shown.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from bank.domain.errors import InvalidIban
from bank.domain.ibans import LENGTHS, validate_iban
from knowledge.contacts import Contacts, digits_of
from knowledge.errors import ArticleRefused
from knowledge.instructions import is_foreign, speaks_to_a_machine

_LINK = re.compile(
    r"(?:\b(?:https?|hxxps?|ftp|file|data|javascript|vbscript|tel|sms)\s*:\s*\S|//[\w-]+\.|www\s?\.)",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)[^\s)>\]]+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_TLD = (
    "com|net|org|info|biz|io|co|me|ru|cn|xyz|top|site|online|app|bank|link|click|de|es|fr|uk|eu|"
    "it|pt|nl|at|ch|us|ly|gg|to|cc|tk|ml|shop|store|live|support|help|zip|mov|dev|ai|invalid|"
    "example|test|onion|finance|money|pay|page|web|cloud|tech|pro|su|ua|by|pl|gl"
)
_HOST = re.compile(
    rf"\b(?:[a-z0-9-]+(?:\.|\s?\[\.\]\s?|\s?\(dot\)\s?|\sdot\s))+(?:{_TLD})\b(?!\.\w)(?:/\S*)?",
    re.IGNORECASE,
)
_IBAN = re.compile(r"\b[A-Z]{2}\s?\d{2}(?:[\s.-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,])(?:\+|\(\+?)?\d(?:[\s().\-/·]{0,3}\d){6,17}(?!\w)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_MONEY = re.compile(r"\d{1,3}(?:[ .,\u202f\u00a0]\d{3})+(?:[.,]\d\d)?|\d+[.,]\d\d")
_MONEY_AFTER = re.compile(
    r"\s*(?:eur|euros?|€|usd|gbp|chf|pounds?|dollars?|d[oó]lares)", re.IGNORECASE
)
_CALLS = re.compile(
    r"(?:\b(?:call|phone|dial|ring|text|sms|whatsapp|telegram|tel|fax|hotline|number|ll[aá]m\w*|"
    r"tel[eé]fono|marca\w*|n[uú]mero)\b)[^.!?]{0,40}$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[!/?a-z][^>]*>?|&(?:#x?[0-9a-f]+|[a-z]{2,8});", re.IGNORECASE)
_FRAME = re.compile(
    r"<\|[^|]{1,40}\|>|\[/?(?:INST|SYS|SYSTEM)\]|<<\s*/?SYS\s*>>|\{\{|\}\}|\{%|\$\{|```|!\[|"
    r"^\s*(?:#+\s*)?(?:system|assistant|user|developer|human|ai|sistema|asistente)\s*(?:prompt)?\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_BLOCK = re.compile(
    r"[A-Za-z0-9+/_-]{40,}={0,2}|(?:\\x[0-9a-f]{2}|%[0-9a-f]{2}){4,}|(?:[0-9a-f]{2} ){12,}",
    re.IGNORECASE,
)
#: "i g n o r e": letters set apart so that no pattern sees the word.
_SPACED = re.compile(r"(?:\b[a-z][ .\-_*]){7}[a-z]\b", re.IGNORECASE)
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0\ufe0f")


def check_text(text: str, *, language: str, own: Contacts) -> None:
    """Look at an article's text, its titles too. Raises ArticleRefused with the first reason."""
    _check_signs(text, own=own)
    if any(speaks_to_a_machine(one) for one in _readings(text)):
        raise ArticleRefused("instructions", "It gives orders to a machine, or asks for secrets.")
    if is_foreign(text, language):
        raise ArticleRefused("language", f"A sentence is not in its language ({language}).")


def check_phrasing(text: str, *, language: str, own: Contacts) -> None:
    """Look at how customers ask. Raises ArticleRefused as `check_text`, but for instructions.

    Customers do tell of a caller who wanted their code; and what is neither shown nor handed to a
    language model orders nobody anything.
    """
    _check_signs(text, own=own)
    if is_foreign(text, language):
        raise ArticleRefused("language", f"A sentence is not in its language ({language}).")


def _check_signs(text: str, *, own: Contacts) -> None:
    if _hidden(text):
        raise ArticleRefused("hidden_characters", "Some letters are unseen or look like others.")
    if _TAG.search(text) or _FRAME.search(text):
        raise ArticleRefused("markup", "It has markup; write plain Markdown.")
    if fault := contact_fault(text, own):
        raise ArticleRefused(fault, "It names a link, account or phone that is not the bank's.")
    if _BLOCK.search(text):
        raise ArticleRefused("encoded_block", "It has a block of signs that nobody can read.")


def is_safe_to_show(text: str, own: Contacts) -> bool:
    """Whether a span may be shown: no foreign link, account or phone, nothing hidden, no markup."""
    return not (
        _hidden(text) or _TAG.search(text) or _FRAME.search(text) or contact_fault(text, own)
    )


def contact_fault(text: str, own: Contacts) -> str | None:
    """Return foreign_link, foreign_iban or foreign_phone, or None.

    >>> contact_fault("Call +49 30 000", Contacts()), contact_fault("See evil.example", Contacts())
    (None, 'foreign_link')
    >>> contact_fault("Up to 1,000,000.00 EUR until 2026-12-31.", Contacts())
    """
    folded = unicodedata.normalize("NFKC", text)
    if _has_foreign_link(folded, own):
        return "foreign_link"
    if any(_is_iban(one[0]) for one in _IBAN.finditer(folded)):
        return "foreign_iban"
    if any(_is_foreign_phone(folded, one, own) for one in _NUMBER.finditer(folded)):
        return "foreign_phone"
    return None


def _has_foreign_link(text: str, own: Contacts) -> bool:
    rest = _MAIL.sub(lambda one: "" if one[0].lower() in own.mails else one[0], text)
    if _MAIL.search(rest):
        return True
    rest = _URL.sub(lambda one: "" if _host_of(one[0]) in own.hosts else one[0], rest)
    rest = _HOST.sub(lambda one: "" if _host_of(one[0]) in own.hosts else one[0], rest)
    return bool(_LINK.search(rest) or _HOST.search(rest))


def _host_of(link: str) -> str:
    bare = re.sub(r"^https?://", "", link.lower())
    return re.split(r"[/?#:\\]", bare, maxsplit=1)[0].rstrip(".,;")


def _is_iban(text: str) -> bool:
    """Whether an account number begins here, whatever follows it without a gap."""
    compact = re.sub(r"[\s.-]", "", text).upper()
    for end in range(15, len(compact) + 1):
        try:
            validate_iban(compact[:end])
        except InvalidIban:
            continue
        return True
    # Wrong check digits still pass for an account among people.
    return compact[:2] in LENGTHS and bool(re.match(r"..\d{2}[A-Z0-9]{0,4}\d{10,}", compact))


def _is_foreign_phone(text: str, found: re.Match[str], own: Contacts) -> bool:
    number = found[0].strip()
    digits = digits_of(number)
    if digits in own.phones or _DATE.match(number):
        return False
    if number[0] in "+(0":
        return True
    if _MONEY_AFTER.match(text[found.end() :]):
        return False
    if _CALLS.search(text[: found.start()]):
        return True
    return len(digits) >= 9 and not _MONEY.fullmatch(number)


def _hidden(text: str) -> bool:
    return any(_is_odd(one) for one in text if one not in "\n\r\t") or bool(_SPACED.search(text))


def _is_odd(one: str) -> bool:
    """Whether a character is unseen, or a letter that only looks like one of ours."""
    if one.isascii():
        return one < " " or one == "\x7f"
    category = unicodedata.category(one)
    if one in _INVISIBLE or category in _CATEGORIES or one >= "\U0001d400":
        return True
    name = unicodedata.name(one, "")
    return "FULLWIDTH" in name or (category[0] == "L" and "LATIN" not in name and one not in "ªº")


def _readings(text: str) -> list[str]:
    """Return the text as it can also be read: digits for letters, backwards, turned by thirteen."""
    leet = [text.translate(str.maketrans("013457@$", f"o{one}eastas")) for one in "il"]
    return [text, *leet, text[::-1], codecs.encode(text, "rot13")]
