"""`python -m bank.cli` is `florin`."""

from __future__ import annotations

from bank.cli import main

if __name__ == "__main__":
    main()
