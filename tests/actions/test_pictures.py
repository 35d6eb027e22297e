"""The spending picture: small, the same for the same figures, and said in words as well."""

from __future__ import annotations

import io

from PIL import Image

from actions.pictures import BARS_MAX, PNG_BYTES_MAX, draw_spending
from bank.domain.money import Money

LABELS = ("Rent", "Groceries", "Eating out", "Shopping", "Travel", "Utilities", "Subscriptions",
          "Health", "Insurance", "Education", "Fees", "Cash")  # fmt: skip


def some_bars(count: int = 3) -> tuple[tuple[str, Money], ...]:
    return tuple((LABELS[i], Money(90_000 // (i + 1), "EUR")) for i in range(count))


def test_given_twelve_categories_when_drawn_then_the_file_is_a_small_png() -> None:
    picture = draw_spending(some_bars(12), title="October 2026", total="2,793.00 EUR")

    image = Image.open(io.BytesIO(picture.png))
    assert image.format == "PNG"
    assert image.width >= 600
    assert len(picture.png) <= PNG_BYTES_MAX


def test_given_more_categories_than_bars_when_drawn_then_the_rest_is_added_up() -> None:
    picture = draw_spending(some_bars(12), title="October 2026", total="2,793.00 EUR")

    rest_minor = sum(90_000 // (i + 1) for i in range(BARS_MAX - 1, 12))
    assert f"… {Money(rest_minor, 'EUR')}" in picture.alt


def test_given_the_figures_when_drawn_then_the_alt_text_says_them() -> None:
    picture = draw_spending(some_bars(2), title="May 2026", total="1,350.00 EUR")

    assert picture.alt == "May 2026: 1,350.00 EUR. Rent 900.00 EUR, Groceries 450.00 EUR"


def test_given_the_same_figures_when_drawn_twice_then_nothing_is_drawn_again() -> None:
    once = draw_spending(some_bars(3), title="May 2026", total="x")
    again = draw_spending(some_bars(3), title="May 2026", total="x")

    assert once is again


def test_given_a_marked_category_when_drawn_then_the_picture_differs() -> None:
    plain = draw_spending(some_bars(3), title="May 2026", total="x")
    marked = draw_spending(some_bars(3), title="May 2026", total="x", marked="Groceries")

    assert plain.png != marked.png
