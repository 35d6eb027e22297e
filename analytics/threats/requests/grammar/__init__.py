"""Grammars of requests: *.toml hold them, requests/making.py expands them."""
