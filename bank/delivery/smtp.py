"""Mail, and SMS through a mail gateway, over SMTP.

`EmailMessage` refuses line breaks in headers, so a subject cannot smuggle in a recipient. With
`starttls` a server without TLS gets nothing.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and as whom we send."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = True


class SmtpMailer:
    """See ports.Mailer. `sms_domain` turns a phone number into number@domain."""

    def __init__(self, server: SmtpServer, *, sms_domain: str = "") -> None:
        self._server = server
        self._sms_domain = sms_domain

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = self._address(to)
        message["Subject"] = subject
        message["Message-ID"] = message_id
        message.set_content(body)
        with smtplib.SMTP(self._server.host, self._server.port, timeout=TIMEOUT_S) as smtp:
            if self._server.starttls:
                smtp.starttls(context=ssl.create_default_context())
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            smtp.send_message(message)

    def _address(self, to: str) -> str:
        if not self._sms_domain:
            return to
        return f"{''.join(char for char in to if char.isdigit())}@{self._sms_domain}"
