"""Events for the bank's security desk, as its own tools (a SIEM) read them.

    outbox ─▶ worker.py ─▶ ecs.py | cef.py ─▶ syslog.py ─▶ channel.py ─▶ udp:// tcp:// tls://
               lease         what happened      envelope      one line, kept open

The fields are listed in docs/siem.md.
"""
