"""Requests made up from a grammar, to learn from and to measure with.

    [kinds] page = ["/«page»?«params»"]     a start, by kind
    [symbols] page = ["cards", "login"]     «symbol» becomes one of its own, down to plain text

    attack ──▶ one of many spellings (case, percent, comments for spaces) ──▶ into a parameter,
               a path or a JSON value of an ordinary request

Learning and measuring never share a grammar: `attacks.toml` and `ordinary.toml` teach,
`…_aside.toml` hold other families, dialects, sentences and pages. Nothing of a public list of
attacks is in them. Equal seeds make equal requests.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

_FOLDER = Path(__file__).with_name("grammar")
_SYMBOL = re.compile("«([^«»]*)»")
#: Between parameters; the ampersand of "R&D" is none.
_BETWEEN = re.compile(r"&(?=[\w\[\]]+=)")
_DEPTH_MOST = 12
_PARAMETERS = "q id text name next page file user search view lang note token sort cat".split()
_SPACES = ("/**/", "\t", "  ", "+", "%09", "%0a")


@dataclass(frozen=True, slots=True)
class Made:
    """A request's target, and what it is: the kind of attack, or "" for an ordinary one.

    part: of an attack, the path or parameter that holds it, as it stands in the target.
    """

    target: str
    attack: str
    part: str = ""


@dataclass(frozen=True)
class Grammar:
    """Symbols and what they may become."""

    kinds: dict[str, tuple[str, ...]]
    symbols: dict[str, tuple[str, ...]]

    def make(self, kind: str, draw: random.Random) -> str:
        """Return one text of a kind."""
        return self._expand(draw.choice(self.kinds[kind]), draw, 0)

    def _expand(self, text: str, draw: random.Random, depth: int) -> str:
        assert depth <= _DEPTH_MOST, f"a grammar that never ends: {text[:40]}"

        def chosen(found: re.Match[str]) -> str:
            return self._expand(draw.choice(self.symbols[found[1]]), draw, depth + 1)

        return _SYMBOL.sub(chosen, text)


@cache
def load_grammar(name: str) -> Grammar:
    """Read a grammar of ours: attacks, attacks_aside, ordinary or ordinary_aside."""
    read = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Grammar(
        *({key: tuple(one) for key, one in read[part].items()} for part in ("kinds", "symbols"))
    )


def make_ordinary(count: int, *, seed: int, aside: bool = False) -> list[Made]:
    """Return ordinary requests, as browsers spell them."""
    grammar = load_grammar("ordinary_aside" if aside else "ordinary")
    draw = random.Random(f"ordinary {seed}")  # noqa: S311  not for secrets
    kinds = list(grammar.kinds)
    return [
        Made(_as_browsers_do(grammar.make(draw.choice(kinds), draw), draw), "")
        for _ in range(count)
    ]


def make_attacks(count: int, *, seed: int, aside: bool = False) -> list[Made]:
    """Return attacks of all kinds alike, inside ordinary requests of the same half."""
    grammar = load_grammar("attacks_aside" if aside else "attacks")
    around = load_grammar("ordinary_aside" if aside else "ordinary")
    draw = random.Random(f"attacks {seed}")  # noqa: S311  not for secrets
    kinds = list(grammar.kinds)
    return [_inside(grammar.make(kind, draw), kind, around, draw) for kind in _each(kinds, count)]


def _each(kinds: list[str], count: int) -> Iterator[str]:
    return (kinds[place % len(kinds)] for place in range(count))


def _inside(attack: str, kind: str, around: Grammar, draw: random.Random) -> Made:
    if kind == "scanner":
        # A page that nobody here has is the attack, whatever is asked of it.
        target = attack.replace(" ", "%20")
        return Made(target, kind, target.partition("?")[0])
    spelt = draw.choice(_SPELLINGS)(attack, draw)
    where = draw.random()
    if where < 0.12 or (kind == "path_traversal" and where < 0.4):
        path = f"/{spelt.lstrip('/')}" if where < 0.06 else f"/static/{spelt}"
        return Made(path, kind, path)
    name = draw.choice(_PARAMETERS)
    page = around.make("page", draw)
    if where < 0.2:
        body = quote_plus(json.dumps({name: attack, "n": draw.randrange(100)}))
        return Made(f"/api/chat/messages?body={body}", kind, f"body={body}")
    mark = "&" if "?" in page else "?"
    page = _as_browsers_do(page, draw)
    behind = "" if where < 0.8 else f"&n={draw.randrange(100)}"
    return Made(f"{page}{mark}{name}={spelt}{behind}", kind, f"{name}={spelt}")


def _as_browsers_do(target: str, draw: random.Random) -> str:
    path, mark, query = target.partition("?")
    encode = draw.choice((quote, quote_plus))
    safe = "/-._~!$'()*,;:@" if draw.random() < 0.7 else ""
    parts = []
    for one in _BETWEEN.split(query) if mark else ():
        name, equals, value = one.partition("=")
        value = value if "%" in value else encode(value, safe=safe)
        parts.append(f"{name}{equals}{value}")
    return quote(path, safe="/-._~!$'()*,;:@%") + mark + "&".join(parts)


def _percent(text: str, draw: random.Random) -> str:
    return draw.choice((quote, quote_plus))(text, safe=draw.choice(("", "/", "'()")))


def _twice(text: str, draw: random.Random) -> str:
    return quote(_percent(text, draw), safe="")


def _plain(text: str, draw: random.Random) -> str:  # noqa: ARG001
    return text.replace(" ", "%20").replace("#", "%23").replace("&", "%26").replace("\n", "%0a")


def _cases(text: str, draw: random.Random) -> str:
    mixed = "".join(one.upper() if draw.random() < 0.5 else one.lower() for one in text)
    return _percent(mixed, draw)


def _spaces(text: str, draw: random.Random) -> str:
    return _plain(text.replace(" ", draw.choice(_SPACES)), draw)


def _all_percent(text: str, draw: random.Random) -> str:  # noqa: ARG001
    return "".join(f"%{one:02x}" for one in text.encode())


_SPELLINGS: tuple[Callable[[str, random.Random], str], ...] = (
    _percent, _percent, _percent, _plain, _plain, _twice, _cases, _spaces, _all_percent,
)  # fmt: skip
