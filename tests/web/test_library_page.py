"""The page of an article: drawn as text, and only for who may read it."""

from __future__ import annotations

from datetime import date

from bank.domain.answers import Audience
from knowledge.article import Article, Section
from tests.web.conftest import Branch
from web.api.pictures import PictureSigner
from web.chat.replies import Reply
from web.chat.views import _show

SOURCE = {"title": "Fees › Abroad", "url": "/library/fees#abroad"}


class Shelf:
    """One article for each audience, whose id is the audience's name."""

    def answer(self, question: object) -> None:
        del question

    def find(self, question: object, *, most: int = 5) -> tuple[()]:
        del question, most
        return ()

    def article(
        self, article_id: str, *, audiences: frozenset[Audience], on: date
    ) -> Article | None:
        if article_id not in set(Audience) or Audience(article_id) not in audiences:
            return None
        return Article(
            id=article_id, version=1, title="Fees & <more>", audience=Audience(article_id),
            language="en", valid_from=on, valid_until=None, owner="us", topic="fees",
            sections=(Section("Abroad", "abroad", "One <script>alert(1)</script>.\n\nTwo."),),
        )  # fmt: skip


def signed(branch: Branch, url: str, customer_id: str = "cu_1") -> str:
    key = branch.settings.turn_key.get_secret_value().encode()
    return PictureSigner(key).sign_article(url, customer_id)


async def test_given_a_public_article_when_opened_then_its_text_is_drawn_as_text(branch: Branch):
    branch.bank.library.use(Shelf())

    response = await branch.client.get("/library/public")
    page = await response.text()

    assert response.status == 200
    assert 'id="abroad"' in page
    assert "Fees &amp; &lt;more&gt;" in page
    assert "<script>alert" not in page


async def test_given_what_is_not_public_when_opened_by_anybody_then_it_is_not_there(
    branch: Branch,
):
    branch.bank.library.use(Shelf())

    for address in ("customer", "business", "staff", "nothing", "..%2f..%2fetc", "A", "a" * 200):
        assert (await branch.client.get(f"/library/{address}")).status == 404, address


async def test_given_the_link_of_a_chat_when_opened_then_a_customer_reads_it_but_nothing_of_staff(
    branch: Branch,
):
    branch.bank.library.use(Shelf())

    for audience, status in (("customer", 200), ("business", 200), ("staff", 404)):
        address = signed(branch, f"/library/{audience}#abroad").partition("#")[0]
        assert (await branch.client.get(address)).status == status, audience


async def test_given_a_signature_of_another_article_or_a_forged_one_when_opened_then_it_is_nothing(
    branch: Branch,
):
    branch.bank.library.use(Shelf())
    good = signed(branch, "/library/business").partition("?sig=")[2]

    for signature in (good, good[:-2] + "xx", "x", "x" * 1_000):
        response = await branch.client.get(f"/library/customer?sig={signature}")
        assert response.status == 404, signature


def test_given_an_answer_when_shown_to_a_customer_then_only_links_of_ours_are_signed():
    signer = PictureSigner(b"k")
    foreign = {"title": "x", "url": "https://evil.example/library/fees"}
    reply = Reply(text="One.", kind="library", data={"sources": [SOURCE, foreign]})

    shown = _show(reply, signer, "cu_1").data["sources"]

    assert shown[0]["url"].startswith("/library/fees?sig=")
    assert shown[0]["url"].endswith("#abroad")
    assert shown[1] == foreign
    assert _show(reply, signer, None).data == reply.data
