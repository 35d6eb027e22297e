"""Receivers of syslog on loopback: a small one of ours, and Debian's rsyslogd. One contract.

start() / stop()    at the same port each time, so a receiver can be away and come back
ids()               the event ids that arrived, in order, copies included
bodies()            what came after the structured data
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
UNPACKED = ROOT / "var" / "tools" / "rsyslog"
_LINE = re.compile(
    r'<\d+>1 \S+ \S+ florin \d+ \S+ \[event@\d+ id="([^"]+)"[^\]]*\] (.*)', re.DOTALL
)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(type=kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until(check: Callable[[], Any], *, timeout_s: float = 20.0) -> bool:
    until_s = time.monotonic() + timeout_s
    while time.monotonic() < until_s:
        if check():
            return True
        time.sleep(0.02)
    return False


class Receiver:
    """What both have in common."""

    def __init__(self, scheme: str, folder: Path) -> None:
        self.scheme = scheme
        self.folder = folder
        self.port = free_port(socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM)

    @property
    def url(self) -> str:
        # The certificate is localhost's; udp and tcp take the number, which needs no resolver.
        host = "localhost" if self.scheme == "tls" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}"

    def messages(self) -> list[str]:
        raise NotImplementedError

    def ids(self) -> list[str]:
        return [found[1] for one in self.messages() if (found := _LINE.fullmatch(one))]

    def bodies(self) -> list[str]:
        return [found[2] for one in self.messages() if (found := _LINE.fullmatch(one))]


class FakeReceiver(Receiver):
    """Reads RFC 6587 octet counting or datagrams, and keeps what it read."""

    def __init__(self, scheme: str, folder: Path) -> None:
        super().__init__(scheme, folder)
        self.taken: list[bytes] = []
        self._server: Any = None
        self._open: list[socket.socket] = []

    def start(self) -> None:
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.taken.append(self.request[0])

        class Stream(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._open.append(self.connection)
                with contextlib.suppress(OSError, ValueError):
                    while length := _length(self.rfile):
                        outer.taken.append(self.rfile.read(length))

        if self.scheme == "udp":
            self._server = socketserver.UDPServer(("127.0.0.1", self.port), Datagram, False)
        else:
            self._server = socketserver.ThreadingTCPServer(
                ("127.0.0.1", self.port), Stream, bind_and_activate=False
            )
            self._server.daemon_threads = True
        self._server.allow_reuse_address = True
        self._server.server_bind()
        self._server.server_activate()
        if self.scheme == "tls":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / "server.pem")
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for line in self._open:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
                line.close()
        self._open.clear()

    def messages(self) -> list[str]:
        return [one.decode() for one in list(self.taken)]


def _length(stream: Any) -> int:
    digits = b""
    while (byte := stream.read(1)).isdigit():
        digits += byte
    return int(digits) if digits else 0


class Rsyslog(Receiver):
    """Debian's rsyslogd in the foreground, as this user, with a configuration of its own."""

    def __init__(self, scheme: str, folder: Path) -> None:
        super().__init__(scheme, folder)
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def find() -> tuple[str, dict[str, str], list[str]] | None:
        """Return program, environment and flags; None when the machine has none."""
        installed = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin:/sbin")
        if installed and list(Path("/usr/lib").glob("*/rsyslog/lmnsd_ossl.so")):
            return installed, dict(os.environ), []
        program = UNPACKED / "usr/sbin/rsyslogd"
        if not program.exists():
            return None
        modules = next((UNPACKED / "usr/lib").glob("*/rsyslog"), None)
        if modules is None:
            return None
        env = {**os.environ, "LD_LIBRARY_PATH": str(modules.parent)}
        return str(program), env, ["-M", str(modules)]

    def start(self) -> None:
        found = self.find()
        assert found is not None
        program, env, flags = found
        config = self.folder / "rsyslog.conf"
        config.write_text(self._config())
        self._process = subprocess.Popen(
            [program, "-n", "-f", str(config), "-i", str(self.folder / "pid"), "-C", *flags],
            env=env, stdout=subprocess.DEVNULL, stderr=(self.folder / "errors").open("ab"),
        )  # fmt: skip
        assert wait_until(self._listens), (self.folder / "errors").read_text()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def kill(self) -> None:
        """Let it die in the middle of whatever it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)
        self._process = None

    def messages(self) -> list[str]:
        out = self.folder / "events"
        return out.read_text(encoding="utf-8").splitlines() if out.exists() else []

    def _listens(self) -> bool:
        if self.scheme == "udp":
            return any(f":{self.port:04X} " in line for line in _table("udp"))
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def _config(self) -> str:
        tls, module = "", "imtcp"
        if self.scheme == "tls":
            authority, pem = self.folder / "ca.pem", self.folder / "server.pem"
            tls = (
                f'global(defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{authority}"'
                f' defaultNetstreamDriverCertFile="{self.folder / "server.crt"}"'
                f' defaultNetstreamDriverKeyFile="{pem}")\n'
            )
        options = (
            ' streamDriver.Name="ossl" streamDriver.Mode="1" streamDriver.AuthMode="anon"'
            if self.scheme == "tls"
            else ""
        )
        if self.scheme == "udp":
            module = "imudp"
        address = ' address="127.0.0.1"'
        return (
            f'{tls}global(workDirectory="{self.folder}" maxMessageSize="16k")\n'
            f'module(load="{module}"{options})\n'
            f'template(name="raw" type="string" string="%rawmsg%\\n")\n'
            f'ruleset(name="all") {{ action(type="omfile" file="{self.folder}/events"'
            f' template="raw" asyncWriting="off" flushOnTXEnd="on") }}\n'
            f'input(type="{module}" port="{self.port}"{address} ruleset="all")\n'
        )


def _table(name: str) -> list[str]:
    return Path(f"/proc/net/{name}").read_text().splitlines()
