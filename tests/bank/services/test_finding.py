"""Finding things: lines by misspelt merchants, payees by parts of their names, statements, insights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bank.domain import errors
from bank.domain.ibans import make_iban
from bank.domain.ledger import Category
from bank.domain.periods import Cadence, Period
from bank.domain.transactions import Direction, TransactionQuery
from tests.bank.builders import World, eur


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("asked", "found"),
    [("amzon", "Amazon"), ("netflx", "Netflix"), ("cafe luna", "Café Luna"), ("bahn", "Deutsche Bahn"),
     ("LIDEL", "Lidl"), ("amazon prime", "Amazon")],
)  # fmt: skip
def test_given_a_misspelt_merchant_when_searched_then_its_lines_are_found(world, asked, found):
    amal = world.person()
    for merchant in ("Amazon", "Netflix", "Café Luna", "Deutsche Bahn", "Lidl"):
        world.book(amal.current.id, -1_000, merchant=merchant)

    page = world.bank.transactions.search(amal.actor, TransactionQuery(merchant=asked))

    assert page.merchants == (found,)
    assert [line.merchant for line in page.lines] == [found]


def test_given_a_merchant_nobody_knows_when_searched_then_nothing_is_found(world):
    amal = world.person()
    world.book(amal.current.id, -1_000, merchant="Amazon")

    page = world.bank.transactions.search(amal.actor, TransactionQuery(merchant="tesco"))

    assert (page.lines, page.total_count, page.merchants) == ([], 0, ())


def test_given_bounds_when_searched_then_both_directions_count_by_their_size(world):
    amal = world.person(funds_minor=0)
    for amount_minor in (-500, -1_000, -2_000, 1_000, 3_000):
        world.book(amal.current.id, amount_minor, merchant="X")

    def search(**query):
        return world.bank.transactions.search(amal.actor, TransactionQuery(**query))

    both = search(min_minor=1_000, max_minor=2_000)
    assert (both.total_count, both.spent, both.received) == (3, [eur(3_000)], [eur(1_000)])
    assert search(direction=Direction.OUT).total_count == 3
    assert search(direction=Direction.IN, max_minor=1_000).total_count == 1
    assert [line.amount_minor for line in search(limit=1, min_minor=3_000).lines] == [3_000]


def test_given_many_lines_when_searched_then_the_newest_come_and_the_sums_are_of_all(world):
    amal = world.person(funds_minor=0)
    for days_ago in range(30):
        world.book(amal.current.id, -100, merchant="Rewe", days_ago=days_ago, category="groceries")

    page = world.bank.transactions.search(
        amal.actor, TransactionQuery(category=Category.GROCERIES, limit=5)
    )

    assert (len(page.lines), page.total_count, page.spent) == (5, 30, [eur(3_000)])
    assert page.lines == sorted(page.lines, key=lambda line: line.booked_at_utc, reverse=True)


def test_given_anothers_account_when_searched_then_it_does_not_exist(world):
    amal, mallory = world.person(), world.person()
    line = world.book(amal.current.id, -1_000)

    for act in (
        lambda: world.bank.transactions.search(
            mallory.actor, TransactionQuery(account_id=amal.current.id)
        ),
        lambda: world.bank.transactions.get(mallory.actor, line.id),
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert world.bank.transactions.search(mallory.actor, TransactionQuery(text="x")).lines == []


def test_given_a_month_when_its_statement_is_asked_for_then_opening_and_lines_make_the_closing(world):
    amal = world.person(funds_minor=0)
    world.book(amal.current.id, 10_000, at_utc=datetime(2026, 9, 30, tzinfo=UTC))
    world.book(amal.current.id, -2_500, at_utc=datetime(2026, 10, 1, tzinfo=UTC))
    world.book(amal.current.id, 400, at_utc=datetime(2026, 10, 31, 23, tzinfo=UTC))
    world.book(amal.current.id, -50, at_utc=datetime(2026, 11, 1, tzinfo=UTC))

    found = world.bank.transactions.statement(
        amal.actor, amal.current.id,
        Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
    )

    assert [found.opening, found.received, found.spent, found.closing] == [
        eur(10_000), eur(400), eur(2_500), eur(7_900)
    ]
    assert [line.amount_minor for line in found.lines] == [-2_500, 400]


def test_given_payees_when_named_in_part_or_without_accents_then_the_close_ones_come(world):
    amal = world.person()
    for number, name in enumerate(("Ana Silva", "Anna Berg", "José Groß", "Ana Sousa")):
        world.payee(amal, name, ibans()[number])

    def names(text):
        return [match.payee.name for match in world.bank.payees.find(amal.actor, text)]

    assert names("anna") == ["Anna Berg"]
    assert sorted(names("ana")) == ["Ana Silva", "Ana Sousa"]
    assert names("jose gros") == ["José Groß"]
    assert names("bruno") == []


def ibans() -> list[str]:
    return [make_iban("DE", f"3704004405320130{number:02d}") for number in range(5)]


@pytest.mark.parametrize("iban", ["", "DE88370400440532013000", "XX00", "DE8937040044053201300", "ä" * 22])
def test_given_a_wrong_iban_when_added_then_it_is_invalid(world, iban):
    with pytest.raises(errors.InvalidIban):
        world.payee(world.person(), "Ana", iban)


def test_given_a_listed_iban_or_the_own_one_when_added_then_it_is_refused(world):
    amal = world.person()
    world.payee(amal)

    with pytest.raises(errors.AlreadyExists):
        world.payee(amal, "Ana again")
    with pytest.raises(errors.SameAccount):
        world.payee(amal, "Me", amal.current.iban)


def test_given_words_for_an_account_when_found_then_kind_name_and_digits_work(world):
    amal = world.person()

    def ids(text):
        return [account.id for account in world.bank.accounts.find(amal.actor, text)]

    assert ids("my savings account") == [amal.savings.id]
    assert ids("rainy day") == [amal.savings.id]
    assert ids(f"ending {amal.current.iban[-4:]}") == [amal.current.id]
    assert ids("holiday pot") == []


def subscription(world, amal, amounts, *, merchant="Netflix", category="subscriptions"):
    for months_ago, amount_minor in enumerate(reversed(amounts)):
        day = datetime(2026, 11 - months_ago, 5, tzinfo=UTC)
        world.book(amal.current.id, -amount_minor, merchant=merchant, category=category, at_utc=day)


def test_given_a_monthly_charge_that_rose_when_asked_then_cadence_date_and_old_price_are_told(world):
    amal = world.person()
    subscription(world, amal, [1_299, 1_299, 1_299, 1_599])

    charge = world.bank.insights.recurring(amal.actor)[0]

    assert (charge.merchant, charge.amount, charge.cadence) == ("Netflix", eur(1_599), Cadence.MONTHLY)
    assert charge.previous_amount == eur(1_299)
    assert charge.next_at_utc == datetime(2026, 12, 5, tzinfo=UTC)


def test_given_groceries_and_an_ended_charge_when_asked_then_neither_recurs(world):
    amal = world.person()
    for week, amount_minor in enumerate((4_000, 2_500, 6_100, 3_300, 5_000)):
        world.book(amal.current.id, -amount_minor, merchant="Rewe", category="groceries", days_ago=7 * week)
    for days_ago in (210, 180, 150):
        world.book(amal.current.id, -900, merchant="Gone", category="subscriptions", days_ago=days_ago)

    assert world.bank.insights.recurring(amal.actor) == []


def test_given_rent_above_what_is_left_when_asked_then_the_day_and_the_reason_are_told(world):
    amal = world.person(funds_minor=300_000)
    subscription(world, amal, [85_000] * 3, merchant="Landlord", category="rent")
    world.book(amal.current.id, -15_000, merchant="Shop")

    low = world.bank.insights.low_balance(amal.actor)

    assert (low.date, low.because, low.expected) == (date(2026, 12, 5), "Landlord", eur(-55_000))


def test_given_a_salary_before_the_rent_when_asked_then_nothing_runs_low(world):
    amal = world.person(funds_minor=300_000)
    subscription(world, amal, [85_000] * 3, merchant="Landlord", category="rent")
    for month in (9, 10, 11):
        world.book(amal.current.id, 90_000, merchant="Work", kind="salary", category="salary",
                   at_utc=datetime(2026, month, 1, tzinfo=UTC))
    world.book(amal.current.id, -285_000, merchant="Shop")

    assert world.bank.insights.low_balance(amal.actor) is None


def test_given_two_months_when_spending_is_asked_then_each_category_has_its_month_before(world):
    amal = world.person()
    for month, amount_minor in ((9, 3_000), (10, 5_000)):
        world.book(amal.current.id, -amount_minor, merchant="Rewe", category="groceries",
                   at_utc=datetime(2026, month, 10, tzinfo=UTC))
    world.book(amal.current.id, -9_999, kind="transfer", category="transfers",
               at_utc=datetime(2026, 10, 11, tzinfo=UTC))

    found = world.bank.insights.spending(
        amal.actor, from_utc=datetime(2026, 10, 1, tzinfo=UTC), to_utc=datetime(2026, 11, 1, tzinfo=UTC)
    )

    assert found.total == [eur(5_000)]
    assert [(one.category, one.amount, one.count, one.previous) for one in found.by_category] == [
        (Category.GROCERIES, eur(5_000), 1, eur(3_000))
    ]


def test_given_three_months_when_the_path_is_asked_then_usual_is_the_median_by_this_day(world):
    amal = world.person()
    for month, early, late in ((8, 1_000, 500), (9, 3_000, 700), (10, 2_000, 900), (11, 2_600, 0)):
        world.book(amal.current.id, -early, at_utc=datetime(2026, month, 5, tzinfo=UTC))
        if late:
            world.book(amal.current.id, -late, at_utc=datetime(2026, month, 25, tzinfo=UTC))

    path = world.bank.insights.spending_path(amal.actor)

    assert [path.month_to_date, path.usual_by_now, path.projected] == [eur(2_600), eur(2_000), eur(3_300)]


def test_given_a_refund_and_a_salary_when_money_back_is_asked_then_only_the_refund_comes(world):
    amal = world.person()
    world.book(amal.current.id, 3_500, merchant="Zalando", kind="refund", days_ago=3)
    world.book(amal.current.id, 90_000, merchant="Work", kind="salary", category="salary")

    found = world.bank.insights.refunds(amal.actor, world.clock() - timedelta(days=7))

    assert [line.merchant for line in found] == ["Zalando"]
