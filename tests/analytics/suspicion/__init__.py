"""Suspicious requests in the chat."""
