"""What a customer sees of a stored line or a reply. Staff-only facts are left behind here."""

from __future__ import annotations

from collections.abc import Iterable

from bank.domain.conversations import MessageView
from web.api.pictures import PictureSigner
from web.chat import models
from web.chat.replies import Reply, from_stored


def show_replies(
    replies: Iterable[Reply], signer: PictureSigner, customer_id: str | None
) -> list[models.Reply]:
    """Return the replies of a turn for the page."""
    return [_show(reply, signer, customer_id) for reply in replies]


def show_line(
    line: MessageView, signer: PictureSigner, customer_id: str | None
) -> models.ChatMessage:
    """Return one line of the transcript for its customer."""
    reply = _show(from_stored({"text": line.text or None, **line.data}), signer, customer_id)
    return models.ChatMessage.model_validate(
        {
            "seq": line.seq,
            "from": line.sender.value,
            "name": line.name,
            "at": line.at_utc,
            "message_id": line.message_id if line.sender == "customer" else None,
            **reply.model_dump(),
        }
    )


def _show(reply: Reply, signer: PictureSigner, customer_id: str | None) -> models.Reply:
    image = reply.image
    if image is not None and customer_id is not None:
        image = signer.sign(image, customer_id)
    data = reply.data
    if reply.kind == "library" and customer_id is not None:
        data = {"sources": [
            {**one, "url": signer.sign_article(str(one.get("url")), customer_id)}
            for one in data.get("sources") or ()
        ]}  # fmt: skip
    return models.Reply(
        text=reply.text,
        buttons=[models.Button(title=b.title, token=b.token) for b in reply.buttons],
        image=image,
        kind=reply.kind,
        data=data,
    )
