"""Questions: do words ask for something to know, or for something to be done? Pure.

    "how long does a transfer take?"    asks
    "can my card go into a phone?"      may ask; "can you send 20?" looks the same
    "put my card into my phone"         does not ask
    "and for business accounts?"        follows up an answer

By how a message begins, in the assistant's languages; whether anybody can answer is not known here.
"""

from __future__ import annotations

import re

#: Fewer words are a fragment, an answer, or a follow-up of one.
WORDS_LEAST = 3
_OPENERS = (
    r"^\W*(?:(?:and|but|also|so|ok(?:ay)?|hi|hello|hey|please|sorry|well|hm+|wait|y|e|pero|oye|"
    r"hola|perd[oó]n|disculpe?|una pregunta|quick question|one question)\b[\W_]*){0,3}"
)
_ASKS = re.compile(
    _OPENERS
    + r"(?:(?:what|what's|whats|why|when|where|which|who|whose|until when|is|are|does|do|will|did|"
    r"how (?:long|much|many|often|soon|fast|late|safe|far|high|old|quickly|does|do you|are|is)|"
    r"may|must|should|am i|tell me (?:about|how|what|why|when)|explain|"
    r"qu[eé]|por qu[eé]|cu[aá]\w+|cu[aá]nd\w+|cu[aá]nt\w+|d[oó]nde|qui[eé]n\w*|desde cu[aá]ndo|"
    r"hasta cu[aá]ndo|en qu[eé]|con qu[eé]|de qu[eé]|a qu[eé]|es|son|hay|tengo que|debo|existe\w*|"
    r"c[oó]mo (?:funciona\w*|se|es|son|est[aá]\w*|saben?|protege\w*)|se puede)\b)",
    re.IGNORECASE,
)
_LOOSELY = re.compile(
    _OPENERS
    + r"(?:how|c[oó]mo|can|could|puedo|podr[ií]a|pueden|what|about|sobre|is it|if|si)\b|\?\s*$",
    re.IGNORECASE,
)
#: "do send 20", "is there 20 left": a wish or a look at one's own money.
_REQUESTS = re.compile(
    _OPENERS
    + r"(?:do (?:it|that|send|pay|the)|will you|do you mind|what is left|qu[eé] tal|"
    r"how much (?:money |cash )?(?:do i have|have i|is left|is (?:in|on) my)|"
    r"how many (?:cards|accounts) do i|cu[aá]nto (?:dinero )?(?:tengo|me queda))\b",
    re.IGNORECASE,
)

#: "and for business accounts?", right after an answer.
_FOLLOWS = re.compile(
    r"^\W*(?:and (?:for|if|with|in|on|what|how|when|from|to|at|is|are|does|do)|"
    r"what about|how about|what if|y (?:para|si|con|en|desde|a|c[oó]mo|cu\w+|qu[eé])|qu[eé] tal|"
    r"qu[eé] pasa (?:con|si))\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Say whether words ask for something to know, and not for something to be done.

    >>> asks("how long does a transfer take?"), asks("¿Cuánto tarda una transferencia?")
    (True, True)
    >>> asks("can you send 50 to Ana?"), asks("send 20 to Ana"), asks("how much do I have?")
    (False, False, False)
    """
    enough = len(text.split()) >= WORDS_LEAST
    return enough and _ASKS.search(text) is not None and _REQUESTS.search(text) is None


def may_ask(text: str) -> bool:
    """Say whether words may ask for something to know; they may as well be a wish.

    >>> may_ask("can my card go into a phone?"), may_ask("put my card into my phone")
    (True, False)
    """
    enough = len(text.split()) >= WORDS_LEAST
    return asks(text) or (enough and _LOOSELY.search(text) is not None)


def follows(text: str) -> bool:
    """Say whether words go on with what was said before.

    >>> follows("and for business accounts?"), follows("what are business accounts?")
    (True, False)
    """
    return _FOLLOWS.search(text) is not None
