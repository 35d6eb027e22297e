"""Delivery to the log: that something was sent, never what. For machines without a mail server."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


class LogMailer:
    """See ports.Mailer. One-time codes pass through here, so neither body nor address is shown."""

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        log.info(
            "delivery.logged",
            message_id=message_id,
            subject_chars=len(subject),
            body_chars=len(body),
            to_chars=len(to),
        )
