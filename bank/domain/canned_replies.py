"""Canned replies: sentences staff send often, approved once, with `{names}` filled in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CannedReply:
    """Only an approved one can be sent. `locale` is the language it is written in."""

    id: str
    locale: str
    title: str
    text: str
    approved: bool
