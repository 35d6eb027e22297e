"""PlainWishClassifier: the wish to be left alone, read by rule, whatever the classifier thinks.

    "never send me an offer again"   stop words + what is stopped ─▶ stop_offers, confidence 1.0
    "turn the offers back on"        no stop word                 ─▶ as it was read

Who says "no more advertising" is obeyed in one turn, so this one wish is not left to chance: a
classifier that has it the wrong way round would send offers to somebody who forbade them. Both
languages; a question ("why do I get no offers?") and a "no" to one offer are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

STOP_OFFERS = "stop_offers"
_WHAT = (
    r"(?:offers|advert\w*|ads|marketing|promotions?|promotional|promos|newsletters?|"
    r"mailing lists?|(?:an?|another|any) offer)"
)
_WHAT_ES = (
    r"(?:ofertas|oferta mas|publicidad|promocion(?:es)?|anuncios?|boletin(?:es)?|newsletters?|"
    r"publicitari\w+|(?:correos|comunicaciones|mensajes) comerciales)"
)
_PLAIN = [
    # "unsubscribe" in all its spellings, alone or with whatever
    r"\bunsu[bs]*s?cribe\b",
    rf"\bopt(?:ing)?[ -]?(?:me )?out\b(?:[.! ]*$|[^?]*\b{_WHAT}\b)",
    (
        r"^(?:please |pls |can you |could you |i want you to |just )*(?:stop|quit|end|cease|cancel|"
        rf"turn off|switch off|disable|deactivate|enough|no more)\b[^?]*\b{_WHAT}\b"
    ),
    rf"^(?:please |pls |and )*no (?:\w+ )?{_WHAT}\b",
    rf"\bno more (?:of )?(?:\w+ )?{_WHAT}\b",
    (
        r"\b(?:do not|don'?t|never|no longer)\b[^?]*\b(?:want|wish|need|like|send|sent|show|give|"
        rf"offer|contact|mail|email|bother)\b[^?]*\b{_WHAT}\b"
    ),
    (
        r"\b(?:remove|take|delete|get|strike)\b[^?]*\b(?:me|my \w+)\b[^?]*\b(?:off|from|out)\b[^?]*"
        r"\b(?:(?:mailing|marketing|mail|e-?mail) lists?|your list|newsletter|marketing|offers)\b"
    ),
    (
        r"\b(?:withdraw|revoke|take back|cancel|end)\b[^?]*\b(?:consent|subscription)\b"
        rf"[^?]*\b{_WHAT}\b"
    ),
    r"\b(?:end|cancel|stop)\b[^?]*\bnewsletter\b",
    r"\bstop\b[^?]*\b(?:pitching|selling|advertising|promoting|offering|spamming)\b",
    # Spanish
    (
        r"\b(?:no|ni una|nada|basta|fuera|stop|nunca|jamas)\b (?:(?:mas|ya|de|con|las?) )*"
        rf"{_WHAT_ES}\b"
    ),
    (
        r"\bno (?:me |nos )?(?:quier\w+|quer\w+|dese\w+|mand\w+|envi\w+|recib\w+|acept\w+|"
        rf"necesit\w+)\b[^?¿]*\b{_WHAT_ES}\b"
    ),
    (
        r"(?:\bdej[aeo]\w*|^par[ae][dn]?|\bcese\w*)\b[^?¿]*\b(?:ofrec\w*|vender\w*|"
        rf"{_WHAT_ES})\b"
    ),
    rf"\b(?:dar\w*|dad\w*|dame|deme|date|den|doy)\b[^?¿]*\bbaja\b[^?¿]*\b{_WHAT_ES}\b",
    (
        r"\b(?:desactiv\w+|cancel\w+|quit\w+|borr\w+|elimin\w+|retir\w+|revoc\w+)\b[^?¿]*"
        rf"\b{_WHAT_ES}\b"
    ),
    r"\bno\b[^?¿]*\bofrez\w*\b[^?¿]*\b(?:mas|nada|productos)\b",
]
_STOPS = re.compile("|".join(_PLAIN))
#: A question, one offer only, or something else that is called one.
_OTHER = re.compile(
    r"\?\s*$|^¿|^(?:why|what|which|how|when|where|do i|did i|are there|is there|por que|cual\w*|"
    r"que ofertas|como|cuando)\b"
    r"|\b(?:that|this|esa|esta|ese|este) (?:offer|oferta|ad|promotion|promocion|anuncio)\b"
    r"|\b(?:loan|mortgage|prestamo|hipoteca) offers?\b"
)
#: Wanted again, unless it is "never … again".
_AGAIN = re.compile(r"\b(?:again|back on|otra vez|de nuevo)\b")
_REFUSES = re.compile(r"\b(?:never|don'?t|do not|no|nunca|ni)\b")


def wants_no_offers(text: str) -> bool:
    """Whether a message plainly says: no more offers.

    >>> wants_no_offers("never send me an offer again"), wants_no_offers("Dejad la publicidad")
    (True, True)
    >>> wants_no_offers("why do I get no offers?"), wants_no_offers("I don't want that offer")
    (False, False)
    """
    folded = _folded(text)
    if _STOPS.search(folded) is None or _OTHER.search(folded):
        return False
    return _AGAIN.search(folded) is None or _REFUSES.search(folded) is not None


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class PlainWishClassifier(GraphComponent, IntentClassifier):
    """Stands last in the pipeline, behind the fallback, and overrules it."""

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlainWishClassifier:  # fmt: skip
        """Return the component; it has nothing to load."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of messages that plainly say so."""
        for message in messages:
            if wants_no_offers(message.get(TEXT) or ""):
                message.set(INTENT, {"name": STOP_OFFERS, "confidence": 1.0}, add_to_output=True)
        return messages


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold().strip()
