"""The library as a LangChain retriever: for chains, and for measuring beside LangChain's own.

invoke(text) ─▶ ranking (filtered first) ─▶ Documents: page_content, metadata with the citation
"""

from __future__ import annotations

from datetime import date

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bank.domain.answers import Audience, LibraryQuestion
from knowledge.answering import Library


class LibraryRetriever(BaseRetriever):
    """Passages for one kind of reader on one day. `most`: how many at most."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    language: str
    audiences: frozenset[Audience]
    on: date
    topic: str = ""
    most: int = 5

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        question = LibraryQuestion(
            text=query,
            language=self.language,
            audiences=self.audiences,
            on=self.on,
            topic=self.topic,
        )
        looked = self.library.look(question)
        if looked is None:
            return []
        return [
            Document(
                page_content=one.passage.text,
                metadata={
                    "article_id": one.passage.article.id,
                    "version": one.passage.article.version,
                    "title": one.passage.article.title,
                    "heading": one.passage.section.heading,
                    "anchor": one.passage.section.anchor,
                    "fit": one.fit,
                },
            )
            for one in looked.ranked[: self.most]
        ]
