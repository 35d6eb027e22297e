"""Threats on the network: connections, requests and logins as they come, and what they mean.

    file, stdin, socket ──▶ reading/ ──▶ Flow ─────▶ scans.py, flows/     scans; a learnt model
                                     ├─▶ Request ──▶ requests/            signatures; a learnt model
                                     └─▶ Login ────▶ logins.py            counters and habits
                                                        │
                            watching.py ◀── Alert ──────┘──▶ AlertSink    (the desk, the SIEM)
                                              └──▶ responses.py ──▶ Response, proposed and bounded

Nothing here blocks, writes to the bank or tells a customer: alerts go to a sink, and a response is
a proposal that whoever holds the sink carries out, expires and audits.
"""
