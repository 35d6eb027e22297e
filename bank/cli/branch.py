"""`florin up | status | down`: the branch on this machine.

up    seed if empty · train if stale (both at once) · learn the first models (first_models.py) ·
      start · wait until ready · print addresses
"""

from __future__ import annotations

import os
import threading
import time
from typing import Annotated, Any

import httpx
import typer
from rich.progress import Progress, TaskID

from bank.bootstrap import Bank, open_bank
from bank.cli import first_models, model
from bank.cli.output import Json, bars, err, misuse, out, print_json, refuse
from bank.cli.places import BOT_PYTHON
from bank.cli.supervision import Supervision, is_port_taken
from bank.demo.town import demo_logins, is_seeded, seed_town
from bank.settings import Delivery, Settings, load_settings

READY_WAIT_S = 180.0


def register(app: typer.Typer) -> None:  # noqa: C901  three commands, one after the other
    """Add `up`, `status` and `down`."""

    @app.command()
    def up(
        *,
        customers: Annotated[int, typer.Option(min=10, help="Size of a new town.")] = 2000,
        seed: Annotated[int, typer.Option(help="Seed of a new town.")] = 7,
        detach: Annotated[bool, typer.Option(help="Return once it is ready.")] = False,
        as_json: Json = False,
    ) -> None:
        """Seed if empty, train what is missing, start the branch, print its addresses."""
        settings = load_settings()
        supervision = Supervision(settings.home_dir.resolve())
        _refuse_if_taken(settings, supervision)
        if not BOT_PYTHON.exists():
            raise misuse("Rasa's environment is missing (bot/.venv). Run `make setup` first.")
        _prepare(settings, customers=customers, seed=seed)
        process = supervision.start(_environment(settings))
        try:
            _wait_until_ready(settings, supervision)
            _print_addresses(settings, as_json=as_json)
            if not detach:
                err.print("Ctrl-C stops the branch.")
                process.wait()
        except KeyboardInterrupt:
            err.print("\nstopping …")
            supervision.stop()
        except BaseException:
            supervision.stop()
            raise

    @app.command()
    def status(*, as_json: Json = False) -> None:
        """Say what runs and whether it answers."""
        settings = load_settings()
        states = Supervision(settings.home_dir.resolve()).states()
        ready, parts = _readiness(settings)
        if as_json:
            print_json({"processes": states, "ready": ready, "parts": parts})
        elif not states and not ready:
            out.print("The branch is not running. `florin up` starts it.")
        else:
            for name, state in states.items():
                out.print(f"{name:10} {state.lower()}")
            out.print(f"{'ready' if ready else 'not ready'}: {_address(settings)}  {parts}")
        raise typer.Exit(0 if ready else 1)

    @app.command()
    def down(*, as_json: Json = False) -> None:
        """Stop the branch of this checkout."""
        stopped = Supervision(load_settings().home_dir.resolve()).stop()
        if as_json:
            print_json({"stopped": stopped})
        else:
            out.print("stopped" if stopped else "It was not running.")


def _refuse_if_taken(settings: Settings, supervision: Supervision) -> None:
    if supervision.pid() is not None:
        raise refuse(
            f"Florin runs here already: {_address(settings)}\n`florin down` (or Ctrl-C where it "
            "was started) stops it; another copy needs its own FLORIN_HOME_DIR and FLORIN_PORT."
        )
    for name, host, port in (
        ("FLORIN_PORT", settings.host, settings.port),
        ("FLORIN_ACTIONS_PORT", "127.0.0.1", settings.actions_port),
        ("FLORIN_RASA_PORT", "127.0.0.1", settings.rasa_port),
    ):
        if is_port_taken(host, port):
            raise refuse(
                f"Port {port} is taken by another program. Stop that program, or choose another "
                f"port: {name}={port + 1} make run"
            )


def _prepare(settings: Settings, *, customers: int, seed: int) -> None:
    """Seed and train side by side, whichever of the two is needed."""
    settings.home_dir.mkdir(parents=True, exist_ok=True)
    bank = open_bank(settings)
    wants_seed, wants_model = not is_seeded(bank), not model.is_current()
    if not wants_seed and first_models.are_wanted(settings, bank):
        first_models.learn(settings, lambda _: None, wait_s=0)
    if not wants_seed and not wants_model:
        bank.store.close()
        return
    failures: list[BaseException] = []
    with bars() as bar:
        training = None
        if wants_model:
            task = bar.add_task("training the assistant", total=1.0)
            training = threading.Thread(target=_train, args=(bar, task, failures))
            training.start()
        if wants_seed:
            town = bar.add_task(f"inventing a town of {customers:,}", total=1.0)
            seed_town(
                bank,
                customers=customers,
                seed=seed,
                progress=lambda share: bar.update(town, completed=share),
                home_dir=settings.home_dir,
            )
            _learn_first_models(bar, settings, bank)
        if training:
            training.join()
    bank.store.close()
    if failures:
        raise refuse(f"Training failed:\n{failures[0]}")


def _learn_first_models(bar: Progress, settings: Settings, bank: Bank) -> None:
    """Learn them from a new town, in view; a failure is said and stops nothing."""
    if not first_models.are_wanted(settings, bank):
        return
    task = bar.add_task("learning the first models", total=1.0)
    wrong = first_models.learn(settings, lambda share: bar.update(task, completed=share))
    bar.console.print(wrong, markup=False) if wrong else bar.update(task, completed=1.0)


def _train(bar: Progress, task: TaskID, failures: list[BaseException]) -> None:
    done = 0.0

    def advance(share: float) -> None:
        nonlocal done
        done = max(done, share)
        bar.update(task, completed=done)

    try:
        model.train(advance)
    except RuntimeError as failure:
        failures.append(failure)


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the three processes: ours, with every setting spelt out."""
    return {
        **os.environ,
        "FLORIN_HOME_DIR": str(settings.home_dir.resolve()),
        "FLORIN_HOST": settings.host,
        "FLORIN_PORT": str(settings.port),
        "FLORIN_RASA_PORT": str(settings.rasa_port),
        "FLORIN_ACTIONS_PORT": str(settings.actions_port),
        "FLORIN_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "FLORIN_ACTION_TOKEN": settings.action_token.get_secret_value(),
        "FLORIN_DELIVERY": _delivery(settings),
        # Rasa, TensorFlow and sanic talk a lot on their way up.
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
    }


def _delivery(settings: Settings) -> str:
    """Return where codes go: as set; else, in an invented town nobody has a phone, to its page."""
    chosen = "delivery" in settings.model_fields_set
    return str(settings.delivery if chosen else Delivery.DEMO_PHONE)


def _wait_until_ready(settings: Settings, supervision: Supervision) -> None:
    deadline = time.monotonic() + READY_WAIT_S
    with err.status("starting web, actions and rasa …"):
        while time.monotonic() < deadline:
            ready, parts = _readiness(settings)
            if ready:
                return
            if "FATAL" in (states := supervision.states()).values():
                dead = ", ".join(n for n, state in states.items() if state == "FATAL")
                raise refuse(f"{dead} does not start; see {settings.home_dir}/log/{dead}.log")
            time.sleep(0.3)
    raise refuse(f"Not ready after {READY_WAIT_S:.0f} s ({parts}); see {settings.home_dir}/log/")


def _readiness(settings: Settings) -> tuple[bool, dict[str, Any]]:
    try:
        answer = httpx.get(f"{_address(settings)}/readyz", timeout=2.0)
        return answer.status_code == httpx.codes.OK, answer.json()
    except (httpx.HTTPError, ValueError):
        return False, {}


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}"


def _print_addresses(settings: Settings, *, as_json: bool) -> None:
    address = _address(settings)
    is_demo = _delivery(settings) == Delivery.DEMO_PHONE
    logins = demo_logins(settings) if is_demo else None
    if as_json:
        print_json({"chat": address, "console": f"{address}/console", "demo": logins})
        return
    out.print(f"\nchat:       {address}/\nconsole:    {address}/console", markup=False)
    if logins:
        out.print(f"demo phone: {address}/demo/phone   (one-time codes arrive here)", markup=False)
        for kind in ("customer", "staff"):
            for name, password in logins[kind]:
                out.print(f"demo {kind}: {name} / {password}", markup=False)
