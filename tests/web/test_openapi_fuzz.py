"""Any request the OpenAPI document allows, and many it does not: no fault, no broken promise.

An application over dictionaries, and requests made by schemathesis from the application's own
document. Checked: never a 5xx, status and body as documented, one error shape for refusals.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM, LoginLevel
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY
from tests.web.house import ScriptedAssistant, make_customer, make_settings, make_staff
from web.app import all_doors, make_app

EXAMPLES_COUNT = 12  # for each of some forty operations
BUDGET_S = 40.0
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip

#: A WebSocket answers no plain request; logging out would end the run's own session.
LEFT_OUT = {"/api/chat/ws", "/api/console/ws", "/api/chat/logout", "/api/staff/logout"}


@dataclass
class Running:
    """The application on a free port, in a thread of its own, with sessions to knock with."""

    url: str
    customer_token: str
    staff_token: str
    document: dict[str, Any]


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    home_settings = make_settings(tmp_path_factory.mktemp("home"))
    bank = make_bank(MemoryStore(), settings=home_settings)
    customer = make_customer(bank)
    bank.accounts.open(SYSTEM, customer_id=customer.id, kind="current", name="E", currency="EUR")
    customer_token, session = bank.sessions.start_customer(customer, LoginLevel.STRONG)
    bank.conversations.handoff(session.actor(), session.conversation_id, "customer_asked", "w")
    staff_token, _ = bank.sessions.start_staff(make_staff(bank, roles=("agent", "supervisor")))
    app = make_app(bank, home_settings, assistant=ScriptedAssistant(), rules=ROOMY)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = _wait(loop, _start(app))
    url = "http://{}:{}".format(*runner.addresses[0])
    openapi = next(d for d in all_doors(home_settings) if d.path == "/api/openapi.json")
    document = json.loads(_wait(loop, openapi.handler(None)).text)
    yield Running(url, customer_token, staff_token, document)
    _wait(loop, runner.cleanup())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


async def _start(app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


def _wait(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result(20)


def _requests_of(operation: Any) -> st.SearchStrategy[Any]:
    """Requests as documented, and requests that break the document."""
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    return st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))


def _prober(running: Running, operation: Any, end_s: float) -> Callable[[], None]:
    headers = {"Authorization": f"Bearer {running.customer_token}", "X-Florin-CSRF": "1"}
    cookies = {"florin_staff": running.staff_token}

    @seed(20_260_301)
    @settings(
        max_examples=EXAMPLES_COUNT, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )
    @given(case=_requests_of(operation))
    def probe(case: Any) -> None:
        if time.monotonic() > end_s:
            return
        response = case.call(base_url=running.url, headers=headers, cookies=cookies, timeout=60)
        case.validate_response(response, checks=CHECKS)

    return probe


def test_given_the_document_when_fuzzed_then_no_fault_and_every_answer_as_promised(running):
    schema = schemathesis.openapi.from_dict(running.document)
    end_s = time.monotonic() + BUDGET_S
    broken: list[str] = []
    probed = 0

    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in LEFT_OUT:
            continue
        try:
            _prober(running, operation, end_s)()
        except Exception as fault:  # noqa: BLE001  one door's fault must not hide the next
            broken.append(f"{operation.method.upper()} {operation.path}: {fault}")
        probed += time.monotonic() < end_s

    assert not broken, "\n\n".join(broken)
    assert probed >= 30  # the machine was quick enough to reach most of the doors
