"""The line breaks: what was said arrives once, in order, and nothing is lost."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage

RETRY_S = 20  # longer than the page's longest wait between two attempts


def test_given_no_connection_when_it_comes_back_then_messages_are_neither_lost_nor_doubled(
    running_branch: Branch, page: Page
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    chat.say("what are your opening hours?")

    page.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible(timeout=ANSWER_MS)
    chat.type("what are your fees?")
    chat.type("what can you do?")
    expect(chat.own_line("what are your fees?")).to_contain_text("Sending")
    page.context.set_offline(False)

    expect(page.get_by_text("No connection.")).to_have_count(0, timeout=ANSWER_MS)
    for text in ("what are your fees?", "what can you do?"):
        expect(chat.own_line(text)).not_to_contain_text("Sending", timeout=ANSWER_MS)
        expect(chat.own_line(text)).to_have_count(1)
    history = chat.history()
    said = [line["text"] for line in history if line["from"] == "customer"]
    assert said.count("what are your fees?") == 1
    assert said.count("what can you do?") == 1


def test_given_lost_acknowledgements_when_sent_again_then_the_line_stands_once(
    running_branch: Branch, page: Page
) -> None:
    """The socket dies right after sending, three times: the page cannot know what arrived."""
    cuts = iter((True, True, True))

    def meddle(socket) -> None:  # type: ignore[no-untyped-def]
        server = socket.connect_to_server()

        def forward(message: str | bytes) -> None:
            server.send(message)
            if '"say"' in str(message) and next(cuts, False):
                socket.close()

        socket.on_message(forward)

    page.route_web_socket("**/api/chat/ws", meddle)
    chat = ChatPage(page, running_branch.url).open()

    chat.type("what are your fees?")

    expect(chat.own_line("what are your fees?")).not_to_contain_text("Sending", timeout=ANSWER_MS)
    expect(chat.own_line("what are your fees?")).to_have_count(1)
    assert [line["text"] for line in chat.history() if line["from"] == "customer"] == [
        "what are your fees?"
    ]


def test_given_a_conversation_when_the_page_is_reloaded_then_it_goes_on_where_it_was(
    running_branch: Branch, page: Page
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    chat.say("what are your opening hours?")
    before = chat.lines.all_inner_texts()

    page.reload()
    chat.wait_for("what are your opening hours?")
    expect(chat.lines).to_have_count(len(before))

    assert chat.lines.all_inner_texts() == before
    expect(chat.page.locator("florin-line .choices button:enabled")).to_have_count(
        chat.bot_lines.last.locator("button:enabled").count()
    )


def test_given_blocked_sockets_when_somebody_writes_then_plain_requests_carry_it(
    running_branch: Branch, page: Page
) -> None:
    """Some networks let no WebSocket through: three closed doors, then the slow line."""
    is_blocked = True
    attempts: list[str] = []
    heard: list[str | bytes] = []

    def meddle(socket: WebSocketRoute) -> None:
        attempts.append(socket.url)
        if is_blocked:
            socket.close()
            return
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            heard.append(message)
            socket.send(message)

        server.on_message(pass_on)

    page.route_web_socket("**/api/chat/ws", meddle)
    chat = ChatPage(page, running_branch.url).open()
    assert len(attempts) >= 3

    chat.say("what are your opening hours?")
    chat.type("what are your fees?")
    chat.type("what can you do?")
    for text in ("what are your fees?", "what can you do?"):
        expect(chat.own_line(text)).not_to_contain_text("Sending", timeout=ANSWER_MS)
    expect(page.get_by_text("No connection.")).to_have_count(0)

    is_blocked = False
    page.evaluate("dispatchEvent(new Event('online'))")  # what a browser says of a better network
    deadline_s = time.monotonic() + RETRY_S
    while not heard and time.monotonic() < deadline_s:
        page.wait_for_timeout(200)
    assert heard, "the socket is tried on, and takes over when it works"
    posted: list[str] = []
    page.on("request", lambda sent: posted.append(sent.url) if sent.method == "POST" else None)
    chat.say("what are your branches?")
    assert not any(url.endswith("/api/chat/messages") for url in posted)
    said = [line["text"] for line in chat.history() if line["from"] == "customer"]
    assert said == [
        "what are your opening hours?",
        "what are your fees?",
        "what can you do?",
        "what are your branches?",
    ]


def test_given_blocked_sockets_when_a_login_is_done_in_the_chat_then_the_talk_goes_on(
    running_branch: Branch, page: Page
) -> None:
    page.route_web_socket("**/api/chat/ws", lambda socket: socket.close())
    chat = ChatPage(page, running_branch.url).open()

    chat.say("what's my balance?")
    chat.log_in_in_chat(*running_branch.customers[2])

    chat.wait_for(re.compile(r"[\d,]+ JPY|[\d,]+\.\d\d EUR"))
