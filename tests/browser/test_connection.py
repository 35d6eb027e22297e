"""The line breaks: what was said arrives once, in order, and nothing is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage


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
    history = _history(page)
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
    assert [line["text"] for line in _history(page) if line["from"] == "customer"] == [
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


def _history(page: Page) -> list[dict[str, str]]:
    """What the server has, read with the page's own session."""
    return page.evaluate(
        """async () => {
            const { token } = JSON.parse(sessionStorage.getItem("florin-session"));
            const answer = await fetch("/api/chat/history?after=0", {
                headers: { Authorization: `Bearer ${token}` } });
            return (await answer.json()).messages;
        }"""
    )
