"""The town of Larkmouth: the same people from the same seed, and books that add up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bank.bootstrap import Bank, make_bank
from bank.demo import spending, town
from bank.demo.people import digest, load, password_of
from bank.domain.actors import SYSTEM, a_customer
from bank.domain.ledger import Category
from bank.services.ledger import check
from bank.settings import Settings
from bank.storage.database import open_store

NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
CUSTOMERS = 25


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def bank(home: Path):
    made = make_bank(open_store(f"sqlite:///{home / 'florin.db'}", create=True), clock=lambda: NOW)
    town.seed_town(made, customers=CUSTOMERS, seed=7)
    yield made
    made.store.close()


def of(bank: Bank, login_name: str):
    return bank.customers.find_by_login_name(SYSTEM, login_name)


def lines(bank: Bank, login_name: str, name: str = "Current account"):
    account = bank.store.read(
        lambda uow: uow.accounts.first(customer_id=of(bank, login_name).id, name=name)
    )
    return bank.store.read(
        lambda uow: uow.postings.list(account_id=account.id, order_by="booked_at_utc")
    )


def test_given_one_seed_then_the_same_people_on_every_machine() -> None:
    assert digest(town.townspeople(7, 60, to_utc=NOW)) == (
        "75f2a43626eedd75732ba60b27a504bbd908119b30b2a30044654301f764546e"
    )


def test_given_another_seed_then_other_people() -> None:
    people, others = town.townspeople(7, 60, to_utc=NOW), town.townspeople(8, 60, to_utc=NOW)

    assert digest(people) != digest(others)
    assert len({person.login_name for person in people}) == 60


def test_given_a_person_then_their_number_alone_decides_who_they_are_not_the_town_size() -> None:
    assert town.townspeople(7, 40, to_utc=NOW) == town.townspeople(7, 80, to_utc=NOW)[:40]


def test_given_one_seed_then_the_same_lives() -> None:
    person = town.townspeople(7, 10, to_utc=NOW)[9]
    began = (NOW - timedelta(days=200)).date()

    lives = [spending.live(person, seed=7, from_date=began, to_utc=NOW) for _ in range(2)]

    assert lives[0] == lives[1]
    assert lives[0] != spending.live(person, seed=8, from_date=began, to_utc=NOW)


def test_given_the_town_then_the_books_add_up(bank: Bank) -> None:
    assert check(bank.store) == []
    assert bank.audit.verify().faults == ()


def test_given_the_town_then_nobody_was_ever_below_zero_and_nothing_is_in_the_future(
    bank: Bank,
) -> None:
    own = {
        account.id
        for account in bank.store.read(lambda uow: uow.accounts.list())
        if account.customer_id
    }
    postings = bank.store.read(lambda uow: uow.postings.list(account_id=tuple(own)))

    assert min(posting.balance_after_minor for posting in postings) >= 0
    assert max(posting.booked_at_utc for posting in postings) <= NOW
    assert min(posting.booked_at_utc for posting in postings) < NOW - timedelta(days=540)


def test_given_the_town_then_a_month_has_the_lines_of_a_life(bank: Bank) -> None:
    postings = lines(bank, "amal.haddad")
    by_category = Counter(posting.category for posting in postings)

    assert 10 <= len(postings) / 18 <= 20
    assert 17 <= by_category[Category.SALARY] <= 19
    assert 17 <= by_category[Category.RENT] <= 20
    for category in ("groceries", "eating_out", "utilities", "subscriptions", "transport", "cash"):
        assert by_category[Category(category)] > 3, category


def test_given_the_personas_then_each_can_log_in_and_has_what_the_readme_says(bank: Bank) -> None:
    for told in load("personas")["persona"]:
        customer = bank.logins.check(
            told["login_name"], password_of(7, told["login_name"]), ip_hash="test"
        )
        actor = a_customer(customer.id)
        accounts = {account.name: account for account in bank.accounts.list(actor)}
        assert accounts["Current account"].posted_minor == told["balance_minor"]
        assert accounts["Savings"].posted_minor >= told["savings_minor"]
        payees = {payee.name for payee in bank.payees.list(actor)}
        assert payees == {*told["payees"], *told.get("new_payees", ())}
        cards = [card.pan_masked[-4:] for card in bank.cards.list(actor)]
        assert sorted(cards) == sorted(card["digits"] for card in told["cards"])
        assert {bill.biller for bill in bank.bills.list(actor)} == {
            bill["biller"] for bill in told["bills"]
        }
        assert len(bank.standing_orders.list(actor)) == len(told["standing_orders"])


def test_given_yuki_then_there_are_yen_without_and_dollars_with_digits(bank: Bank) -> None:
    actor = a_customer(of(bank, "yuki.tanaka").id)

    balances = {str(account.posted) for account in bank.accounts.list(actor)}

    assert {"384,500 JPY", "1,720.44 USD", "4,213.00 EUR"} <= balances


def test_given_marta_then_one_shop_charged_twice_within_minutes(bank: Bank) -> None:
    twice = [
        posting
        for posting in lines(bank, "marta.nowak")
        if posting.merchant == "Skyline Electronics" and posting.amount_minor == -24_900
    ]

    assert len(twice) == 2
    assert twice[1].booked_at_utc - twice[0].booked_at_utc == timedelta(minutes=2)


def test_given_amal_then_streamly_rose_with_the_last_charge(bank: Bank) -> None:
    charges = [
        line.amount_minor for line in lines(bank, "amal.haddad") if line.merchant == "Streamly"
    ]

    assert charges[-2:] == [-999, -1_299]
    assert set(charges[:-1]) == {-999}


def test_given_elena_then_yesterday_money_came_back(bank: Bank) -> None:
    refund = [line for line in lines(bank, "elena.rossi") if line.merchant == "Homestead Living"][
        -1
    ]

    assert (refund.amount_minor, NOW - refund.booked_at_utc) == (6_490, timedelta(days=1))


def test_given_tom_then_the_new_payee_is_in_its_first_day_and_the_old_is_not(bank: Bank) -> None:
    payees = bank.payees.list(a_customer(of(bank, "tom.okafor").id))

    assert {payee.name: payee.added_at_utc == NOW for payee in payees} == {
        "Grace Okafor": True,
        "Tomas Oksanen": False,
    }


def test_given_a_seeded_bank_then_it_says_so_and_tells_the_demo_logins(
    bank: Bank, home: Path
) -> None:
    settings = Settings(home_dir=home)

    logins = town.demo_logins(settings)

    assert town.is_seeded(bank)
    assert ("amal.haddad", password_of(7, "amal.haddad")) in logins["customer"]
    assert [name for name, _ in logins["staff"]] == [
        "nadia.agent", "oskar.supervisor", "mira.identity", "ines.models",
        "clara.compliance",
    ]
