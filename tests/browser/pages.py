"""The pages as a person uses them: by what is written on them, never by their inner structure."""

from __future__ import annotations

import re
import time

import httpx
import pyotp
from playwright.sync_api import Locator, Page, expect

ANSWER_MS = 20_000
TOTP_STEP_S = 30
CODE = re.compile(r"\b(\d{6})\b")


class ChatPage:
    """The customer's chat."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> ChatPage:
        self.page.goto(self.url)
        self.wait_for("not a person")
        return self

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write a message")

    @property
    def lines(self) -> Locator:
        return self.page.locator("florin-line")

    @property
    def bot_lines(self) -> Locator:
        return self.page.locator("florin-line.from-bot")

    def own_line(self, text: str) -> Locator:
        return self.page.locator("florin-line.from-customer").filter(has_text=text)

    def type(self, text: str) -> None:
        """Write and send, without waiting for an answer."""
        self.box.click()
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")

    def say(self, text: str, answer: str | re.Pattern[str] = "") -> None:
        """Write, and wait for a line of the bank's after it that holds `answer`.

        The bank may tell something unasked in between, so the first line need not be the answer.
        """
        self.type(text)
        own = self.own_line(text).last
        expect(own).not_to_contain_text("Sending", timeout=ANSWER_MS)
        # Looked up anew each time: lines are drawn again, under other keys, after a login.
        after = own.locator("xpath=following::florin-line")
        expect(after.filter(has_text=answer).first).to_be_visible(timeout=ANSWER_MS)

    def press(self, title: str) -> None:
        self.page.locator("florin-line").get_by_role("button", name=title, exact=True).last.click()

    def wait_for(self, text: str | re.Pattern[str]) -> Locator:
        found = self.page.locator("florin-line").filter(has_text=text).last
        expect(found).to_be_visible(timeout=ANSWER_MS)
        return found

    def log_in(self, name: str, password: str) -> None:
        self.page.get_by_role("banner").get_by_role("button", name="Log in").click()
        form = self.page.get_by_role("dialog")
        form.get_by_label("Customer name").fill(name)
        form.get_by_label("Password").fill(password)
        form.get_by_role("button", name="Log in").click()
        self.wait_until_logged_in()

    def log_in_in_chat(self, name: str, password: str) -> None:
        form = self.page.locator("florin-line form").last
        form.get_by_label("Customer name").fill(name)
        form.get_by_label("Password").fill(password)
        form.get_by_role("button", name="Log in").click()
        self.wait_until_logged_in()

    def wait_until_logged_in(self) -> None:
        expect(self.page.get_by_role("button", name="Log out").first).to_be_visible(
            timeout=ANSWER_MS
        )

    def history(self) -> list[dict[str, str]]:
        """What the server has, read with the page's own session."""
        found: list[dict[str, str]] = self.page.evaluate(
            """async () => {
                const { token } = JSON.parse(sessionStorage.getItem("florin-session"));
                const answer = await fetch("/api/chat/history?after=0", {
                    headers: { Authorization: `Bearer ${token}` } });
                return (await answer.json()).messages;
            }"""
        )
        return found

    @property
    def approval(self) -> Locator:
        card = self.page.get_by_role("region", name="Approve with your code").last
        expect(card.get_by_role("button", name="Approve")).to_be_visible(timeout=ANSWER_MS)
        return card

    def approve(self, code: str) -> None:
        card = self.approval
        card.get_by_role("textbox").fill(code)
        card.get_by_role("button", name="Approve").click()


class Phone:
    """The demonstration's phone, read as a program. Messages arrive a moment after they are sent."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known = len(self._codes())

    def next_code(self) -> str:
        """The newest one-time code, once one has come since this phone was picked up."""
        deadline = time.monotonic() + ANSWER_MS / 1000
        while time.monotonic() < deadline:
            codes = self._codes()
            if len(codes) > self._known:
                self._known = len(codes)
                return codes[0]
            time.sleep(0.2)
        raise AssertionError("no code was sent")

    def _codes(self) -> list[str]:
        messages = httpx.get(f"{self._url}/demo/phone.json").json()["messages"]
        newest_first = sorted(messages, key=lambda one: one["at"], reverse=True)
        return [found[1] for one in newest_first if (found := CODE.search(one["body"]))]

    def staff_code(self, login_name: str) -> str | None:
        codes = httpx.get(f"{self._url}/demo/phone.json").json()["codes"]
        return next((one["code"] for one in codes if one["login_name"] == login_name), None)


class ConsolePage:
    """The staff console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def log_in(self, name: str, password: str) -> ConsolePage:
        for _ in range(2):
            self.page.goto(f"{self.url}/console/login")
            self.page.get_by_label("Staff name").fill(name)
            self.page.get_by_label("Password").fill(password)
            self.page.get_by_role("button", name="Continue").click()
            self._enter_code(name)
            inbox = self.page.get_by_role("heading", name="Inbox")
            expect(inbox.or_(self.page.locator("#problem:not(:empty)"))).to_be_visible(
                timeout=ANSWER_MS
            )
            if inbox.is_visible():
                break
            time.sleep(TOTP_STEP_S)  # this code was used by a login just before
        expect(inbox).to_be_visible()
        return self

    def _enter_code(self, name: str) -> None:
        field = self.page.get_by_label("Code from your authenticator")
        expect(field).to_be_visible()
        if self.page.locator("#enrolment").is_visible():
            secret = self.page.locator("#secret").inner_text().replace(" ", "")
            field.fill(pyotp.TOTP(secret).now())
        else:
            code = Phone(self.url).staff_code(name)
            assert code is not None, "the demo staff's authenticator is on the demo phone"
            field.fill(code)
        self.page.get_by_role("button", name="Log in").click()

    def open(self) -> ConsolePage:
        """The inbox, for somebody who is logged in already."""
        self.page.goto(f"{self.url}/console")
        expect(self.page.locator("#live")).to_have_text("Live", timeout=ANSWER_MS)
        return self

    def open_newest_handoff(self) -> None:
        rows = self.page.locator("#cases tr").filter(has_text="Handoff").filter(has_text="Nobody")
        expect(rows.first).to_be_visible(timeout=ANSWER_MS)
        rows.last.get_by_role("link").click()
        expect(self.page.get_by_role("heading", name="Why it escalated")).to_be_visible()

    def press(self, title: str) -> None:
        self.page.locator("#actions").get_by_role("button", name=title, exact=True).click()

    def take_over(self) -> None:
        self.page.get_by_role("button", name="Take over").click()
        expect(self.page.locator("#speaker")).to_have_text("A person speaks", timeout=ANSWER_MS)

    def reply(self, text: str) -> None:
        self.page.get_by_label("Reply to the customer").fill(text)
        self.page.get_by_role("button", name="Send reply").click()
        expect(self.page.locator("#transcript")).to_contain_text(text, timeout=ANSWER_MS)

    def note(self, text: str) -> None:
        self.page.get_by_label("Only staff see this.").fill(text)
        self.page.get_by_role("button", name="Add note").click()
        expect(self.page.locator("#events")).to_contain_text(text, timeout=ANSWER_MS)

    def hand_back(self, summary: str) -> None:
        self.page.get_by_label("Summary for the assistant and the file").fill(summary)
        self.page.get_by_role("button", name="Hand back to the assistant").click()
        expect(self.page.locator("#speaker")).to_have_text(
            "The assistant speaks", timeout=ANSWER_MS
        )

    def resolve(self, outcome: str, note: str) -> None:
        form = self.page.locator("#resolve-form")
        form.get_by_label("Outcome").select_option(label=outcome)
        form.get_by_label("Note").fill(note)
        form.get_by_role("button", name="Resolve").click()
        expect(self.page.locator("#tags")).to_contain_text("Resolved", timeout=ANSWER_MS)
