"""Twilio's Messages API, as far as Florin uses it. https://www.twilio.com/docs/messaging/api"""

from __future__ import annotations

import base64

from aiohttp import web

from tests.web.channels.fakes.service import FakeService, Shown

SID = "ACtest0123456789"
TOKEN = "twilio-auth-token"
NUMBER = "whatsapp:+4915100000001"
_BASIC = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()


class FakeTwilio(FakeService):
    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", self.send)
        app.router.add_get("/media/{name}", self.media)

    async def send(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != _BASIC or request.match_info["sid"] != SID:
            return web.json_response({"code": 20003, "status": 401}, status=401)
        sent = {name: str(value) for name, value in (await request.post()).items()}
        good = (
            request.content_type == "application/x-www-form-urlencoded"
            and sent.get("From") == NUMBER
            and sent.get("To", "").startswith("whatsapp:+")
            and len(sent.get("Body", "")) <= 1600
            and (sent.get("Body") or sent.get("MediaUrl"))
            and set(sent) <= {"From", "To", "Body", "MediaUrl"}
        )
        if not good:
            self.complain(f"Messages.json: {sent}")
            return web.json_response({"code": 21602, "status": 400}, status=400)
        self.shown.append(Shown(sent["To"], sent.get("Body", ""), link=sent.get("MediaUrl", "")))
        return web.json_response({"sid": f"SM{len(self.shown)}", "status": "queued"}, status=201)

    async def media(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != _BASIC:
            return web.Response(status=401)
        return web.Response(body=self.files[request.match_info["name"]], content_type="image/jpeg")
