"""Builders of the "was this you?" tests: strange logins, strange payments, what came of them."""

from __future__ import annotations

from bank.domain.actors import SYSTEM, LoginLevel
from bank.services.outbox import place_of


def a_card(world, person, account=None):
    return world.bank.cards.issue(
        SYSTEM, account_id=(account or person.current).id, kind="debit", limit_day_minor=100_000
    )


def logs_in(world, person, place):
    """Log in from a place; return the actor of the session that began there."""
    world.bank.habits.note_login(person.id, place=place)
    customer = world.store.read(lambda uow: uow.customers.get(person.id))
    _, session = world.bank.sessions.start_customer(customer, LoginLevel.PASSWORD, place=place)
    return session.actor()


def asked(world, person):
    return world.bank.event_questions.open(person.actor)


def a_strange_login(world, person, place="elsewhere"):
    actor = logs_in(world, person, place)
    return next(one for one in asked(world, person) if one.place_id.endswith(place)), actor


def a_strange_payment(world, person, merchant="Goldmine Online", amount_minor=-48_000):
    posting = world.book(person.current.id, amount_minor, merchant=merchant)
    return world.bank.event_questions.ask_card(SYSTEM, posting.id)


def mails(world):
    kept = world.store.read(lambda uow: uow.outbox.list(order_by="id"))
    return [
        (one.subject, world.bank.vault.open(one.body_enc, place=place_of(one.id)).decode())
        for one in kept
    ]
