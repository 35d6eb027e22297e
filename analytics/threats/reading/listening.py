"""A port that takes lines: syslog over UDP or TCP, one thread, one queue.

A datagram is one line or several. A connection's lines end with a line end; a connection that
sends a line without an end holds LINE_MOST_BYTES and no more, and the 257th connection waits for
another to close. A TCP sender waits while the queue is full, a UDP sender cannot: that is counted,
and so are datagrams that the kernel dropped before we came to read them, each as one line, where it
tells (Linux: SO_RXQ_OVFL).
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import threading
from collections.abc import Iterable

from analytics.threats.reading.inbox import Inbox
from analytics.threats.reading.lines import LineCutter

_DATAGRAM_BYTES = 1 << 16
_CONNECTIONS_MOST = 256
_BUFFER_BYTES = 4 * 1024 * 1024
_POLL_S = 0.1
#: Linux's name for "tell with each datagram how many were dropped"; Python has none.
_SO_RXQ_OVFL = 40


class Listener:
    """Listens from the moment it is made until `close`."""

    def __init__(self, kind: str, host: str, port: int, inbox: Inbox) -> None:
        assert kind in {"udp", "tcp"}, kind
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        how = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
        self._socket = socket.socket(family, how)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.setblocking(False)
        try:
            self._socket.bind((host.strip("[]"), port))
            if kind == "tcp":
                self._socket.listen(64)
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._inbox = inbox
        self.kernel_dropped_count = 0
        if kind == "udp":
            with contextlib.suppress(OSError):  # a system that does not tell
                self._socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        self._cutters: dict[int, LineCutter] = {}
        self._cut_before = 0
        self._stop = threading.Event()
        work = self._datagrams if kind == "udp" else self._connections
        self._thread = threading.Thread(target=work, name=f"threats-{kind}", daemon=True)
        self._thread.start()

    @property
    def cut_count(self) -> int:
        """Lines that were too long."""
        return self._cut_before + sum(one.cut_count for one in list(self._cutters.values()))

    def close(self) -> None:
        """Stop listening; what was taken stays in the queue."""
        self._stop.set()
        self._thread.join(timeout=5)
        self._socket.close()

    def _datagrams(self) -> None:
        cutter = self._cutters[0] = LineCutter()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._socket, selectors.EVENT_READ)
            while not self._stop.is_set():
                if not waiting.select(_POLL_S):
                    continue
                try:
                    datagram, told, _, _ = self._socket.recvmsg(
                        _DATAGRAM_BYTES, socket.CMSG_SPACE(4)
                    )
                except OSError:
                    continue  # an ICMP answer to nothing of ours
                for level, kind, dropped in told:
                    if (level, kind) == (socket.SOL_SOCKET, _SO_RXQ_OVFL):
                        self.kernel_dropped_count = int.from_bytes(dropped[:4], sys.byteorder)
                self._put([*cutter.feed(datagram), *cutter.end()], waits=False)

    def _connections(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._socket, selectors.EVENT_READ)
            while not self._stop.is_set():
                for key, _ in waiting.select(_POLL_S):
                    if key.fileobj is self._socket:
                        self._accept(waiting)
                    else:
                        self._read(key, waiting)
            for key in list(waiting.get_map().values()):
                if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._socket:
                    key.fileobj.close()

    def _accept(self, waiting: selectors.BaseSelector) -> None:
        if len(self._cutters) >= _CONNECTIONS_MOST:
            self._stop.wait(_POLL_S)  # it stays in the backlog until another closes
            return
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return  # gone before it was taken
        connection.setblocking(False)
        waiting.register(connection, selectors.EVENT_READ)
        self._cutters[connection.fileno()] = LineCutter()

    def _read(self, key: selectors.SelectorKey, waiting: selectors.BaseSelector) -> None:
        connection, cutter = key.fileobj, self._cutters[key.fd]
        assert isinstance(connection, socket.socket), connection
        try:
            chunk = connection.recv(_DATAGRAM_BYTES)
        except OSError:
            chunk = b""
        self._put(cutter.feed(chunk) if chunk else cutter.end(), waits=True)
        if not chunk:
            self._cut_before += cutter.cut_count
            waiting.unregister(connection)
            del self._cutters[key.fd]
            connection.close()

    def _put(self, lines: Iterable[str], *, waits: bool) -> None:
        for line in lines:
            if waits:
                self._inbox.wait_for_room(self._stop)
            self._inbox.put(line)
