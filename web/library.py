"""The page of an article: where an answer stands, for whoever may read it.

    GET /library/{id}#anchor            what is public
    GET /library/{id}?sig=…#anchor      what is for customers, from a link shown in their chat

A browser sends no bearer token with a link, so the links in a chat are signed for that customer
and that article, for an hour (web/api/pictures.py). What one may not read is not there. The text
is drawn as text: nothing in an article is markup.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bank.domain.actors import VISITOR, Actor, a_customer
from bank.domain.errors import NotAuthenticated
from bank.library_ports import ArticlePage
from web.api.pictures import ARTICLES_PREFIX, SIGNATURE_LIMIT_CHARS
from web.guard import Caller, Door, Knock
from web.keys import SIGNER

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ID_CHARS_MOST = 80
#: Said on the page itself, in the article's language.
WORDS = {
    "en": {"since": "Valid since", "back": "To the chat", "bank": "Florin library"},
    "es": {"since": "Válido desde", "back": "Ir al chat", "bank": "Biblioteca de Florin"},
}


async def show_article(knock: Knock) -> web.StreamResponse:
    """The article as it holds today."""
    article_id = knock.request.match_info["article_id"]
    reader = _reader(knock, article_id)
    article = await asyncio.to_thread(_find, knock, reader, article_id)
    if article is None:
        raise web.HTTPNotFound
    response = await aiohttp_jinja2.render_template_async(
        "article.html", knock.request, _shown(article)
    )
    # A signed address is nobody else's business.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _find(knock: Knock, reader: Actor, article_id: str) -> ArticlePage | None:
    if len(article_id) > ID_CHARS_MOST or not _ID.fullmatch(article_id):
        return None
    return knock.bank.library.article(reader, article_id)


def _reader(knock: Knock, article_id: str) -> Actor:
    """Return who reads: the customer of a good signature, else a visitor."""
    signature = knock.request.query.get("sig", "")
    if not signature or len(signature) > SIGNATURE_LIMIT_CHARS:
        return VISITOR
    try:
        signer = knock.request.app[SIGNER]
        return a_customer(signer.verify(f"{ARTICLES_PREFIX}{article_id}", signature))
    except NotAuthenticated:
        return VISITOR


def _shown(article: ArticlePage) -> dict[str, Any]:
    return {
        "article": article,
        "words": WORDS.get(article.language, WORDS["en"]),
        "sections": [
            {
                "heading": one.heading,
                "anchor": one.anchor,
                "paragraphs": [part for part in re.split(r"\n\s*\n", one.text) if part.strip()],
            }
            for one in article.sections
        ],
    }


DOORS = [
    Door("GET", "/library/{article_id}", Caller.PUBLIC, show_article, query=("sig",), page=True)
]
