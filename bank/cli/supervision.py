"""Keeps web, actions, rasa and identity running: supervisord, fed from the Procfile.

    Procfile ──▶ var/supervisord.conf ──▶ supervisord ──▶ web · actions · rasa · identity
                                             │ restarts what dies, kills the whole group on stop
    florin status, down ─── var/supervisord.pid, var/supervisor.sock

Secrets reach the processes through the environment only; the written file holds none.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from bank.cli.places import PROCFILE, ROOT

STOP_WAIT_S = 20.0
#: A unix socket's path ends at 108 bytes (Linux) or 104 (macOS); deep homes get a short one.
SOCKET_PATH_MAX_CHARS = 100

#: supervisord's word for "it was not running" (supervisor.xmlrpc.Faults).
_NOT_RUNNING = 70

_HEADER = """\
; Written by `florin up` from the Procfile; changes here are overwritten.
[supervisord]
pidfile={home}/supervisord.pid
logfile={home}/log/supervisord.log
logfile_maxbytes=5MB
directory={root}
umask=077

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """
[program:{name}]
command=/bin/sh -c 'exec {command}'
autorestart=true
startsecs=2
startretries=10
stopasgroup=true
killasgroup=true
stopwaitsecs=8
redirect_stderr=true
stdout_logfile={home}/log/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


@dataclass(frozen=True)
class Supervision:
    """The supervisor of one home directory."""

    home: Path

    @property
    def pid_file(self) -> Path:
        return self.home / "supervisord.pid"

    @property
    def socket(self) -> Path:
        short = self.home / "supervisor.sock"
        if len(str(short)) < SOCKET_PATH_MAX_CHARS:
            return short
        digest = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"florin-{os.getuid()}-{digest}.sock"

    def pid(self) -> int | None:
        """Return the running supervisor's process id, or None."""
        try:
            pid = int(self.pid_file.read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    def start(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start supervisord in a session of its own, so that Ctrl-C reaches only us."""
        (self.home / "log").mkdir(parents=True, exist_ok=True)
        conf = self.home / "supervisord.conf"
        conf.write_text(self._conf())
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(conf)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.home / "log" / "supervisord.err").open("ab"),
            start_new_session=True,
        )

    def stop(self) -> bool:
        """Stop everything and wait for it. Returns False when nothing was running."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_WAIT_S
        while self.pid() is not None and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(0.1)
        if self.pid() is not None:
            os.kill(pid, signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)
        return True

    def states(self) -> dict[str, str]:
        """Return process name → RUNNING, STARTING, BACKOFF …; empty when not running."""
        return {str(row["name"]): str(row["statename"]) for row in self._rows()}

    def pids(self) -> dict[str, int]:
        """Return process name → process id; 0 for one that is not running just now."""
        return {str(row["name"]): int(row["pid"]) for row in self._rows()}

    def restart(self, name: str) -> bool:
        """Stop one process and start it again. Returns False when nothing is running."""
        proxy = self._proxy()
        if proxy is None:
            return False
        try:
            proxy.supervisor.stopProcess(name)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != _NOT_RUNNING:
                raise
        proxy.supervisor.startProcess(name)
        return True

    def _rows(self) -> list[dict[str, Any]]:
        proxy = self._proxy()
        if proxy is None:
            return []
        try:
            rows: Any = proxy.supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error):
            return []
        return list(rows)

    def _proxy(self) -> xmlrpc.client.ServerProxy | None:
        if self.pid() is None or not self.socket.exists():
            return None
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)

    def _conf(self) -> str:
        parts = [_HEADER.format(home=self.home, root=ROOT, socket=self.socket)]
        for line in PROCFILE.read_text(encoding="utf-8").splitlines():
            name, _, command = line.partition(":")
            if command.strip() and not line.startswith("#"):
                # supervisord reads % as the start of its own variables.
                parts.append(
                    _PROGRAM.format(
                        name=name.strip(),
                        command=command.strip().replace("%", "%%"),
                        home=self.home,
                    )
                )
        return "".join(parts)


def is_port_taken(host: str, port: int) -> bool:
    """Say whether somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _reap(pid: int) -> None:
    """Collect our own ended child, which would otherwise still answer to its id."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
