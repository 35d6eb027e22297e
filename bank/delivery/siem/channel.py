"""The line to the receiver: opened when needed, kept open, looked at before it is trusted.

    send ──▶ bytes leave this program          is_quiet ──▶ the other side's kernel has them all
    check ─▶ LineDown: the other side went away, or said that nobody listens (ICMP)

Syslog has no receipt, so writing proves nothing: a receiver that has just died still takes bytes
into its kernel. The worker therefore waits a while, and believes only what lies behind a line that
stayed up and has nothing left to send. `finish` is the one true receipt of a stream: the other
side closes only after it has read our end.

UDP promises nothing: what a full receiver drops is not seen here. It is paced, and for anything
that matters there is TLS.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import ssl
import struct
import termios
import time
from collections.abc import Sequence
from typing import Protocol

from bank.delivery.siem.syslog import count_octets

TIMEOUT_S = 10.0
FINISH_S = 2.0
#: Datagrams sent at once, and the pause after them: a receiver's buffer holds some hundred.
BURST_COUNT = 50
BURST_PAUSE_S = 0.005


class LineDown(OSError):
    """The receiver is not there (any more); what was written lately may not have arrived."""


class Channel(Protocol):
    """One line to one receiver. Not for two threads at once."""

    def send(self, envelopes: Sequence[bytes]) -> None:
        """Write these in order, opening the line if need be. Raises OSError."""

    def check(self) -> None:
        """Look whether the line is still up. Raises LineDown."""

    def is_quiet(self) -> bool:
        """Whether the receiver's machine has taken everything written so far."""

    def finish(self) -> bool:
        """Close the line; return whether everything written is known to be taken."""

    def drop(self) -> None:
        """Forget the line without a word."""


class Datagrams:
    """udp://host:port"""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def send(self, envelopes: Sequence[bytes]) -> None:
        line = self._socket or self._open()
        for place, envelope in enumerate(envelopes, start=1):
            line.send(envelope)
            if place % BURST_COUNT == 0:
                time.sleep(BURST_PAUSE_S)

    def check(self) -> None:
        if self._socket is not None:
            _check(self._socket)

    def is_quiet(self) -> bool:
        return True

    def finish(self) -> bool:
        try:
            self.check()
        except OSError:
            return False
        finally:
            self.drop()
        return True

    def drop(self) -> None:
        _close(self._socket)
        self._socket = None

    def _open(self) -> socket.socket:
        family, kind, protocol, _, address = socket.getaddrinfo(
            *self._address, type=socket.SOCK_DGRAM
        )[0]
        line = socket.socket(family, kind, protocol)
        line.settimeout(TIMEOUT_S)
        line.connect(address)  # so that "port unreachable" comes back to us
        self._socket = line
        return line


class Stream:
    """tcp://host:port, and with a TLS context tls://host:port"""

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self._address = (host, port)
        self._tls = tls
        self._socket: socket.socket | None = None

    def send(self, envelopes: Sequence[bytes]) -> None:
        line = self._socket or self._open()
        _check(line)
        line.sendall(count_octets(envelopes))

    def check(self) -> None:
        if self._socket is not None:
            _check(self._socket)

    def is_quiet(self) -> bool:
        return self._socket is None or _unsent_bytes(self._socket) == 0

    def finish(self) -> bool:
        line = self._socket
        if line is None:
            return True
        try:
            _check(line)
            line.settimeout(FINISH_S)
            if isinstance(line, ssl.SSLSocket):
                line = line.unwrap()  # says that this is the end, and waits for the answer
            line.shutdown(socket.SHUT_WR)
            return line.recv(1) == b""
        except ssl.SSLEOFError:  # closed without the answer: it has read our end all the same
            return True
        except OSError:
            return False
        finally:
            self.drop()

    def drop(self) -> None:
        _close(self._socket)
        self._socket = None

    def _open(self) -> socket.socket:
        line = socket.create_connection(self._address, timeout=TIMEOUT_S)
        try:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_hostname=self._address[0])
        except BaseException:
            line.close()
            raise
        self._socket = line
        return line


def make_tls(*, ca_file: str, cert_file: str = "") -> ssl.SSLContext:
    """Return the context that trusts this authority only, or the machine's own when empty.

    cert_file: our certificate and its key in one PEM file, for receivers that ask for one.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file:
        context.load_cert_chain(cert_file)
    return context


def _check(line: socket.socket) -> None:
    """Raises LineDown. A syslog receiver never speaks: what it says is read and forgotten."""
    line.setblocking(False)
    try:
        while line.recv(4096):
            pass
    except (BlockingIOError, ssl.SSLWantReadError):
        return
    except OSError as fault:
        raise LineDown(str(fault)) from fault
    finally:
        line.settimeout(TIMEOUT_S)
    if line.type is socket.SOCK_STREAM:
        raise LineDown("the receiver closed the line")


def _unsent_bytes(line: socket.socket) -> int:
    """Return how many bytes the other side's kernel has not acknowledged (Linux: SIOCOUTQ)."""
    answer = fcntl.ioctl(line.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])


def _close(line: socket.socket | None) -> None:
    if line is not None:
        with contextlib.suppress(OSError):
            line.close()
