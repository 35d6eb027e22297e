"""Somebody at a chat page, over HTTP: logs in, writes, presses buttons, pays with the code."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

HOME = "198.51.100.7"
WAIT_S = 20.0
CODE = re.compile(r"\b(\d{3}) ?(\d{3})\b")


@dataclass
class Person:
    """A customer at a screen, or somebody who pretends to be one."""

    url: str
    name: str
    password: str
    source: str = HOME
    token: str = ""
    said: list[str] = field(default_factory=list)

    def _http(self) -> httpx.Client:
        headers = {"X-Forwarded-For": self.source}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def log_in(self) -> int:
        """Return the status."""
        with self._http() as http:
            answer = http.post(
                "/api/chat/sessions", json={"customer": self.name, "password": self.password}
            )
        if answer.is_success:
            self.token = answer.json()["token"]
        return answer.status_code

    def say(self, text: str, *, button: str | None = None) -> list[dict[str, Any]]:
        """Return the replies to a line, or to the button of this title in `text`'s place."""
        body = {"button": button} if button else {"text": text}
        with self._http() as http:
            answer = http.post(
                "/api/chat/messages", json={**body, "message_id": uuid.uuid4().hex}
            )
        answer.raise_for_status()
        replies: list[dict[str, Any]] = answer.json()["replies"]
        self.said += [f"{self.name}: {text}", *(f"  bank: {one['text']}" for one in replies)]
        return replies

    def press(self, replies: list[dict[str, Any]], title: str) -> list[dict[str, Any]]:
        """Press the button of this title."""
        buttons = [one for reply in replies for one in reply.get("buttons") or ()]
        token = next(one["token"] for one in buttons if one["title"] == title)
        return self.say(f"[{title}]", button=token)

    def codes(self, phone: str) -> list[str]:
        """Return the codes that were sent to this number, the newest first."""
        with self._http() as http:
            lines = http.get("/demo/phone.json").json()["messages"]
        found = (CODE.search(line["body"]) for line in lines if line["to"] == phone)
        return [one[1] + one[2] for one in found if one]

    def pay(self, amount: str, payee: str, phone: str) -> str:
        """Ask, confirm, give the code when one is asked for; return the bank's last words."""
        known = len(self.codes(phone))
        replies = self.press(self.say(f"send {amount} euros to {payee}"), "Yes")
        if any(one.get("kind") == "step_up" for one in replies):
            until_s = time.monotonic() + WAIT_S
            while len(self.codes(phone)) <= known:
                assert time.monotonic() < until_s, f"no code for {self.name}"
                time.sleep(0.1)
            replies = self.say(self.codes(phone)[0])
        return " ".join(one["text"] or "" for one in replies)
