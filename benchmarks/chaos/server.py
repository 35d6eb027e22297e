"""The process that gets killed: transfers between own accounts, over HTTP.

    POST /transfers   Idempotency-Key, {customer_id, from_account_id, to_account_id,
                      amount_minor, currency, reference}  → 201 {the posted transfer}
    GET  /healthz

Sessions and JSON schemas are the web process's business and are tested there; here the load
goes straight to `bank.transfers`, propose and confirm, so that the ledger is what is measured.

    stdin: "start" ─▶ (wait for the last one's end) ─▶ fork ─▶ opens the database, listens
    stdout: "ready <pid>"                                         └─ is killed with -9

What is killed has opened everything itself; the parent has only imported the code, so that a
new life costs milliseconds and not seconds of starting Python.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import a_customer
from bank.domain.errors import BankError
from bank.domain.money import Money
from bank.storage.database import open_store
from benchmarks.chaos.mutants import MUTANTS

#: As many as clients, so that a group commit can hold them all.
THREADS = 48


def transfer(bank: Bank, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Propose and confirm; the same key returns the same body."""
    actor = a_customer(body["customer_id"])
    proposed = bank.transfers.propose(
        actor,
        amount=Money(body["amount_minor"], body["currency"]),
        from_account_id=body["from_account_id"],
        to_account_id=body["to_account_id"],
        reference=body["reference"],
        idempotency_key=key,
    )
    posted = bank.transfers.confirm(actor, proposed.id)
    assert posted.posted_at_utc is not None
    return {
        "id": posted.id,
        "status": posted.status,
        "amount_minor": posted.amount_minor,
        "transaction_id": posted.transaction_id,
        "posted_at_utc": posted.posted_at_utc.isoformat(),
    }


def make_app(bank: Bank) -> web.Application:
    threads = ThreadPoolExecutor(THREADS)

    async def post(request: web.Request) -> web.Response:
        key, body = request.headers["Idempotency-Key"], await request.json()
        loop = asyncio.get_running_loop()
        try:
            told = await loop.run_in_executor(threads, transfer, bank, key, body)
        except BankError as refusal:
            error = {"code": refusal.code, "details": refusal.details}
            return web.json_response({"error": error}, status=refusal.http_status)
        return web.json_response(told, status=201)

    async def health(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/transfers", post), web.get("/healthz", health)])
    return app


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--url", required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--mutant", choices=sorted(MUTANTS))
    chosen = options.parse_args()
    if chosen.mutant:
        MUTANTS[chosen.mutant]()
    child = 0
    for _ in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if not child:
            serve(chosen.url, chosen.port)
            return
    if child:  # nobody asks any more
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def serve(url: str, port: int) -> None:
    """Open the bank and answer until killed."""
    # The parent's pipe is not the child's: its end is for the parent to see.
    sys.stdin.close()
    app = make_app(make_bank(open_store(url)))

    async def listen() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        print(f"ready {os.getpid()}", flush=True)
        await asyncio.Event().wait()

    asyncio.run(listen())


if __name__ == "__main__":
    main()
