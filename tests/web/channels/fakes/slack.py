"""Slack's Web API, as far as Florin uses it. https://docs.slack.dev/reference/methods"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.web.channels.fakes.service import PNG_MAGIC, FakeService, Shown

TOKEN = "xoxb-slack-token"
SECRET = "slack-signing-secret"


class FakeSlack(FakeService):
    def __init__(self) -> None:
        self.uploads: dict[str, tuple[int, bytes]] = {}
        super().__init__()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/api/{method}", self.call)
        app.router.add_post("/upload/{file_id}", self.upload)
        app.router.add_get("/files/{name}", self.file)

    async def call(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        method = request.match_info["method"]
        is_json = request.content_type == "application/json"
        sent = await request.json() if is_json else dict(await request.post())
        try:
            answer = getattr(self, "_" + method.replace(".", "_"))(sent, is_json=is_json)
        except (AssertionError, AttributeError, KeyError, ValueError) as fault:
            self.complain(f"{method}: {fault!r}")
            return web.json_response({"ok": False, "error": "invalid_arguments"})
        return web.json_response({"ok": True, **answer})

    def _chat_postMessage(self, sent: dict[str, Any], *, is_json: bool) -> dict[str, Any]:
        assert is_json
        assert sent["channel"].startswith("D")
        assert "<" not in sent["text"]
        choices, text = [], sent["text"]
        if "blocks" in sent:
            section, actions = sent["blocks"]
            assert section["text"]["type"] == "plain_text"
            assert 1 <= len(section["text"]["text"]) <= 3000
            text = section["text"]["text"]
            ids = [button["action_id"] for button in actions["elements"]]
            assert len(set(ids)) == len(ids) <= 25
            for button in actions["elements"]:
                assert len(button["text"]["text"]) <= 75
                assert 1 <= len(button["value"]) <= 2000
                choices.append((button["text"]["text"], button["value"]))
        self.shown.append(Shown(sent["channel"], text, choices))
        return {"ts": f"{len(self.shown)}.0"}

    def _files_getUploadURLExternal(self, sent: dict[str, Any], *, is_json: bool) -> dict[str, Any]:
        assert not is_json, "this method takes a form"
        assert sent["filename"]
        file_id = f"F{len(self.uploads)}"
        self.uploads[file_id] = (int(sent["length"]), b"")
        return {"upload_url": f"{self.url}/upload/{file_id}", "file_id": file_id}

    async def upload(self, request: web.Request) -> web.Response:
        file_id, raw = request.match_info["file_id"], await request.read()
        length, _ = self.uploads[file_id]
        if len(raw) != length:
            self.complain(f"upload: {len(raw)} of {length} bytes")
            return web.Response(status=400)
        self.uploads[file_id] = (length, raw)
        return web.Response(text="OK")

    def _files_completeUploadExternal(self, sent: dict[str, Any], *, is_json: bool) -> dict[str, Any]:
        assert is_json
        (file,) = sent["files"]
        png = self.uploads[file["id"]][1]
        assert png.startswith(PNG_MAGIC)
        self.shown.append(Shown(sent["channel_id"], file["title"], png=png))
        return {"files": [{"id": file["id"]}]}

    async def file(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=302, headers={"Location": "https://slack.com/login"})
        return web.Response(body=self.files[request.match_info["name"]], content_type="image/jpeg")
