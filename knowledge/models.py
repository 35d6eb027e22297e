"""The language model, if the bank wants one: any that LangChain knows how to call by its name.

    FLORIN_LLM_MODEL = ""                    none: answers are the articles' own words
                       "openai:gpt-4o-mini"  and whatever speaks OpenAI's language (FLORIN_LLM_URL)
                       "ollama:llama3.2"     on the bank's own machine

A model gets text and gives text. It has no tools, calls nothing, chooses nothing, and what it says
is told to no third party that records: LangSmith's switches are turned off here for good.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from bank.settings import Settings

#: Who can be named before the colon; each has its package in the base install.
PROVIDERS = ("openai", "ollama")
TOKENS_MOST = 400
_RECORDERS = (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
    "LANGCHAIN_TRACING_V2",
)
_RECORDER_KEYS = ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "LANGSMITH_RUNS_ENDPOINTS")


class ModelUnusable(ValueError):
    """The settings name no model that can be called; the message says what to write."""


def find_model(settings: Settings) -> BaseChatModel | None:
    """Return the model of the settings, or None where they name none. Raises ModelUnusable."""
    if not settings.llm_model:
        return None
    return make_model(
        settings.llm_model,
        url=settings.llm_url,
        key=settings.llm_key.get_secret_value(),
        timeout_s=settings.llm_timeout_s,
    )


def make_model(name: str, *, url: str, key: str, timeout_s: float) -> BaseChatModel:
    """Return a model by LangChain's name for it. Calls nobody. Raises ModelUnusable.

    url: its address, "" for the provider's own. timeout_s: of each silence while it answers.
    """
    provider, _, bare = name.partition(":")
    if provider not in PROVIDERS or not bare:
        named = ", ".join(f"{one}:<model>" for one in PROVIDERS)
        raise ModelUnusable(f"FLORIN_LLM_MODEL is {name!r}; write one of {named}")
    _record_nothing()
    from langchain.chat_models import init_chat_model  # noqa: PLC0415  a second, only with a model

    more: dict[str, Any] = {"base_url": url} if url else {}
    if provider == "openai":
        # An own endpoint often wants no key, but the client does.
        more |= {
            "api_key": key or "none", "timeout": timeout_s, "max_retries": 0,
            "max_tokens": TOKENS_MOST, "stream_usage": False,
        }  # fmt: skip
    else:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        more |= {
            "client_kwargs": {"timeout": timeout_s, "headers": headers},
            "num_predict": TOKENS_MOST,
        }  # fmt: skip
    model: BaseChatModel = init_chat_model(name, temperature=0, **more)
    return model


def _record_nothing() -> None:
    """Keep LangChain from sending what is asked to a recorder, whatever the environment says."""
    for name in _RECORDERS:
        os.environ[name] = "false"
    for name in _RECORDER_KEYS:
        os.environ.pop(name, None)
