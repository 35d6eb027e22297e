"""`python -m web`: the public process. Says in one sentence why it cannot start, exit code 1."""

from __future__ import annotations

import asyncio
import errno
import signal
import sys

from aiohttp import web
from pydantic import ValidationError

from bank.bootstrap import open_bank
from bank.domain.errors import BankError
from bank.logs import configure_logs
from bank.security.keys import KeyUnusable
from bank.settings import Settings, load_settings
from bank.threads import end_process, widen_loop
from bank.worker import make_worker
from web.app import make_app
from web.assistant import RasaAssistant
from web.guards import start_guards, stop_guards

CANNOT_START = 1


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    try:
        settings = load_settings()
        configure_logs(settings.log_level)
        return asyncio.run(serve(settings))
    except ValidationError as fault:
        wrong = ", ".join(f"FLORIN_{'_'.join(map(str, e['loc']))}".upper() for e in fault.errors())
        return _say(f"Florin cannot start: these settings cannot be used: {wrong}.")
    except KeyUnusable as fault:
        return _say(f"Florin cannot start: {fault}.")
    except BankError as refusal:
        return _say(f"Florin cannot start: the database refuses ({refusal}).")
    except OSError as fault:
        return _say(_why_not(fault, settings))


async def serve(settings: Settings) -> int:
    """Open the bank, take the port, serve, and close in the opposite order."""
    widen_loop(asyncio.get_running_loop())
    bank = await asyncio.to_thread(open_bank, settings)
    assistant = RasaAssistant(
        f"http://127.0.0.1:{settings.rasa_port}",
        actions_url=f"http://127.0.0.1:{settings.actions_port}",
    )
    worker = make_worker(bank, settings)
    app = make_app(bank, settings, assistant=assistant)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=10)
    stopped = _stop_on_signals()
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        sys.stdout.write(f"Florin listens on http://{host}:{port}\n")
        sys.stdout.flush()
        worker.start()
        start_guards(app)
        try:
            await stopped.wait()
        finally:
            stop_guards(app)
            await asyncio.to_thread(worker.stop)
    finally:
        await runner.cleanup()
        await assistant.close()
        await asyncio.to_thread(bank.store.close)
    return 0


def _stop_on_signals() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set. In place before the port is: no signal is missed."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _why_not(fault: OSError, settings: Settings) -> str:
    if fault.errno == errno.EADDRINUSE:
        return (
            f"Florin cannot start: port {settings.port} on {settings.host} is taken. "
            "Is another Florin running? Set FLORIN_PORT to a free port, or stop the other one."
        )
    if fault.errno == errno.EACCES:
        return f"Florin cannot start: port {settings.port} needs rights this account has not."
    return f"Florin cannot start: {fault.strerror or fault}."


def _say(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return CANNOT_START


if __name__ == "__main__":
    end_process(main())
