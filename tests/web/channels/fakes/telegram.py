"""Telegram's Bot API, as far as Florin uses it. https://core.telegram.org/bots/api"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.web.channels.fakes.service import PNG_MAGIC, FakeService, Shown

TOKEN = "4242:telegram-token"


class FakeTelegram(FakeService):
    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        super().__init__()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/bot{token}/{method}", self.call)
        app.router.add_get("/file/bot{token}/{path:.+}", self.file)

    async def call(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _no(401, "Unauthorized")
        method = request.match_info["method"]
        try:
            if request.content_type == "multipart/form-data":
                sent = dict(await request.post())
            else:
                assert request.content_type == "application/json", request.content_type
                sent = await request.json()
            return web.json_response({"ok": True, "result": getattr(self, f"_{method}")(sent)})
        except (AssertionError, AttributeError, KeyError, ValueError) as fault:
            self.complain(f"{method}: {fault!r}")
            return _no(400, "Bad Request")

    def _sendMessage(self, sent: dict[str, Any]) -> dict[str, Any]:
        assert set(sent) <= {"chat_id", "text", "reply_markup", "link_preview_options"}, set(sent)
        assert 1 <= len(sent["text"]) <= 4096
        assert "parse_mode" not in sent
        keyboard = sent.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
        choices = [(button["text"], button["callback_data"]) for row in keyboard for button in row]
        assert all(title and 1 <= len(data.encode()) <= 64 for title, data in choices), choices
        self.shown.append(Shown(str(int(sent["chat_id"])), sent["text"], choices))
        return {"message_id": len(self.shown)}

    def _sendPhoto(self, sent: dict[str, Any]) -> dict[str, Any]:
        png = sent["photo"].file.read()
        assert png.startswith(PNG_MAGIC)
        assert len(sent["caption"]) <= 1024
        self.shown.append(Shown(str(int(sent["chat_id"])), sent["caption"], png=png))
        return {"message_id": len(self.shown)}

    def _getFile(self, sent: dict[str, Any]) -> dict[str, Any]:
        assert sent["file_id"] in self.files
        return {"file_id": sent["file_id"], "file_path": f"photos/{sent['file_id']}.jpg"}

    def _answerCallbackQuery(self, sent: dict[str, Any]) -> bool:
        self.acknowledged.append(sent["callback_query_id"])
        return True

    async def file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _no(404, "Not Found")
        name = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        return web.Response(body=self.files[name], content_type="image/jpeg")


def _no(status: int, description: str) -> web.Response:
    body = {"ok": False, "error_code": status, "description": description}
    return web.Response(text=json.dumps(body), status=status, content_type="application/json")
