"""What is wrong with an article or the library, said so that its writer can put it right.

LibraryError
├── ArticleRefused    code, where, sentence: this article waits for a person, the others serve
└── NoLibrary         there is no index where one was looked for
"""

from __future__ import annotations


class LibraryError(Exception):
    """Base. Never raised itself."""


class ArticleRefused(LibraryError):
    """One article is not taken in.

    `code` is stable: front_matter, no_text, too_long, unreadable, scanned_pdf, locked_pdf,
    duplicate_id, asked, asked_nowhere, or one of knowledge.safety. `sentence` says what to do.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code, self.sentence = code, sentence


class NoLibrary(LibraryError):
    """There is no index in the folder, or one of another making."""
