"""The OpenAPI document, generated from the door table and its pydantic models.

Written by nobody: a door without a model shows up as an object without fields, and the test
that every body has its schema fails.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.guard import CSRF_HEADER, STAFF_COOKIE, Answer, Caller, Door, Handler, Knock

REF = "#/components/schemas/{model}"


class ErrorDetail(Answer):
    code: str
    message: str
    details: dict[str, str]


class ErrorBody(Answer):
    error: ErrorDetail


_SECURITY: dict[Caller, list[dict[str, list[str]]]] = {
    Caller.PUBLIC: [],
    Caller.VISITOR: [{"session": []}],
    Caller.CUSTOMER: [{"session": []}],
    Caller.SIGNED: [{"session": []}, {"signedLink": []}],
    Caller.HELLO: [],
    Caller.STAFF: [{"staffCookie": []}],
    Caller.MACHINE: [{"apiKey": []}, {"staffCookie": []}],
}


def make_document(doors: list[Door]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all JSON doors."""
    doors = [door for door in doors if not door.page]
    wanted: list[tuple[type[BaseModel], Any]] = [(ErrorBody, "serialization")]
    wanted += [(door.body, "validation") for door in doors if door.body]
    wanted += [(door.answer, "serialization") for door in doors if door.answer]
    names, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        operation = _operation(door, names)
        paths.setdefault(re.sub(r":[^}]*}", "}", door.path), {})[door.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Florin", "version": "1", "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer"},
                "apiKey": {"type": "http", "scheme": "bearer"},
                "staffCookie": {"type": "apiKey", "in": "cookie", "name": STAFF_COOKIE},
                "signedLink": {"type": "apiKey", "in": "query", "name": "sig"},
            },
        },
    }


def _operation(door: Door, names: dict[Any, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": names[ErrorBody, "serialization"]}}
    answer: dict[str, Any] = {"description": "Done"}
    if door.answer is not None:
        schema = names[door.answer, "serialization"]
        answer["content"] = {"application/json": {"schema": schema}}
    operation: dict[str, Any] = {
        "summary": door.summary,
        "operationId": f"{door.method.lower()}{re.sub(r'[^a-z0-9]+', '_', door.path.lower())}",
        "x-caller": door.caller.value,
        "security": _SECURITY[door.caller],
        "parameters": _parameters(door),
        "responses": {
            str(door.status): answer,
            "4XX": {"description": "Refused; the code says why", "content": error},
            "5XX": {"description": "Nothing was lost; try again", "content": error},
        },
    }
    if door.body is not None:
        schema = names[door.body, "validation"]
        operation["requestBody"] = {
            "required": not door.body_optional,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _parameters(door: Door) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"{(\w+)", door.path)
    ]
    found += [{"name": name, "in": "query", "schema": text} for name in door.query]
    headers = list(door.headers)
    if door.caller is Caller.STAFF and door.method != "GET":
        headers.append(CSRF_HEADER)
    found += [{"name": n, "in": "header", "required": True, "schema": text} for n in headers]
    return found


def openapi_door(doors: list[Door]) -> Door:
    """Return the door that shows the document of `doors` and of itself, made when first asked."""
    document: dict[str, Any] = {}

    async def show(_knock: Knock) -> web.StreamResponse:
        if not document:
            document.update(await asyncio.to_thread(make_document, [*doors, door]))
        return web.json_response(document)

    handler: Handler = show
    door = Door("GET", "/api/openapi.json", Caller.PUBLIC, handler, "This document")
    return door
