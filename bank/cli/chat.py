"""`florin chat`: a terminal client of the same chat API the page uses.

Types a line, prints the replies; a number presses a button. Passwords and codes are read hidden.
"""

from __future__ import annotations

import getpass
import uuid
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from bank.cli.output import Json, err, out, print_json, refuse
from bank.settings import load_settings

_TABLES = {"transactions", "accounts", "cards"}


class Branch:
    """One chat session over HTTP."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30.0)
        self.buttons: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []

    def start(self, customer: str | None, password: str | None) -> dict[str, Any]:
        """Open a session, as a visitor or logged in."""
        body = {"customer": customer, "password": password} if customer else {}
        session = self._post("/api/chat/sessions", body)
        self._http.headers["Authorization"] = f"Bearer {session['token']}"
        return session

    def say(self, text: str) -> dict[str, Any]:
        """Send a line; a bare number presses that button of the last replies."""
        body: dict[str, Any] = {"message_id": f"cli-{uuid.uuid4().hex}"}
        if text.isdecimal() and 1 <= int(text) <= len(self.buttons):
            body["button"] = self.buttons[int(text) - 1]["token"]
        else:
            body["text"] = text
        return self._keep(self._post("/api/chat/messages", body))

    def log_in(self, customer: str, password: str) -> dict[str, Any]:
        """Log the visitor of this chat in; the old token ends and the answer holds the new one."""
        answer = self._post("/api/chat/login", {"customer": customer, "password": password})
        if "token" in answer:
            self._http.headers["Authorization"] = f"Bearer {answer['token']}"
        return self._keep(answer)

    def step_up(self, challenge_id: str, code: str) -> dict[str, Any]:
        """Enter a one-time code for the act that asked for it."""
        return self._keep(
            self._post("/api/chat/step-up", {"challenge_id": challenge_id, "code": code})
        )

    def _keep(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.replies = answer.get("replies", [])
        self.buttons = [b for reply in self.replies for b in reply.get("buttons") or []]
        return answer

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._http.post(path, json=body)
        except httpx.HTTPError as failure:
            raise refuse(
                f"Nobody answers at {self._http.base_url}: {failure}. Is `florin up` running?"
            ) from None
        answer: dict[str, Any] = response.json()
        if response.status_code >= 400:
            error = answer.get("error", {})
            err.print(f"{error.get('code')}: {error.get('message')}", style="red", markup=False)
            return {"replies": []} if path != "/api/chat/sessions" else _stop(answer)
        return answer


def _stop(_answer: dict[str, Any]) -> dict[str, Any]:
    raise typer.Exit(1)


def show(replies: list[dict[str, Any]]) -> None:
    """Print replies as a person would read them."""
    number = 0
    for reply in replies:
        if reply.get("text"):
            out.print(f"  {reply['text']}", markup=False, style="cyan")
        rows = (reply.get("data") or {}).get("rows")
        if reply.get("kind") in _TABLES and rows:
            table = Table(*rows[0].keys())
            for row in rows:
                table.add_row(*(str(value) for value in row.values()))
            out.print(table)
        if reply.get("image"):
            out.print(f"  [picture: {reply['image']}]", markup=False)
        for button in reply.get("buttons") or []:
            number += 1
            out.print(f"    {number}) {button['title']}", markup=False)


def converse(branch: Branch) -> None:
    """Read lines until the end of input; asks hidden for passwords and codes."""
    while True:
        asked = next((r for r in branch.replies if r.get("kind") in ("login", "step_up")), None)
        if asked and asked["kind"] == "login":
            show(branch.log_in(input("  login name: "), getpass.getpass("  password: "))["replies"])
            continue
        if asked:
            code = getpass.getpass("  one-time code (empty to skip): ")
            if code:
                show(branch.step_up(asked["data"]["challenge_id"], code)["replies"])
                continue
        try:
            line = input("> ").strip()
        except EOFError:
            return
        if line:
            show(branch.say(line)["replies"])


def register(app: typer.Typer) -> None:
    """Add `florin chat`."""

    @app.command()
    def chat(
        *,
        customer: Annotated[str | None, typer.Option("--as", help="Login name.")] = None,
        password: Annotated[str | None, typer.Option(envvar="FLORIN_CHAT_PASSWORD")] = None,
        say: Annotated[
            list[str] | None, typer.Option(help="Say this and exit (repeatable).")
        ] = None,
        url: Annotated[str | None, typer.Option(help="Address of the branch.")] = None,
        as_json: Json = False,
    ) -> None:
        """Talk to the branch from a terminal."""
        settings = load_settings()
        branch = Branch(url or f"http://{settings.host}:{settings.port}")
        if customer and password is None:
            password = getpass.getpass("password: ")
        branch.start(customer, password)
        for line in say or []:
            answer = branch.say(line)
            if as_json:
                print_json(answer)
            else:
                out.print(f"> {line}", markup=False)
                show(branch.replies)
        if not say:
            converse(branch)
