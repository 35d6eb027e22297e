"""Spanish words the actions read themselves: reasons, directions, bounds, spans, an applicant's answers."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.card_choice import all_are_meant, digits_of_no_card, named_cards
from actions.card_limits import is_other_way
from actions.cards import lost_or_stolen, reason_in
from actions.disputes import reason_in as dispute_reason_in
from actions.languages import speaking
from actions.loans import months_in
from actions.onboarding_answers import choice_of, find_field, read_answer
from actions.onboarding_dates import read_birth_date
from actions.onboarding_names import read_names
from actions.onboarding_places import find_country, read_address
from actions.products import AskRates, fee_words, fitting, words_of
from actions.questions import Question, goes_back, heard
from actions.searching import _candidates, unknown_shop
from actions.transfer_orders import hear
from actions.travel import coming_period
from bank.domain.money import Money
from bank.services.products import Products
from tests.actions.running import TURNS, a_tracker

TODAY = date(2026, 11, 28)
EUR_60 = {"entity": "amount", "value": {"amount": "60", "currency": "EUR"}}


def said(text, *entities, **slots):
    return a_tracker(text=text, entities=list(entities), language="es", **slots)


def cards(*kinds):
    return [
        SimpleNamespace(id=f"cd_{n}", kind=SimpleNamespace(value=kind), last_digits=f"{n}{n}{n}{n}")
        for n, kind in enumerate(kinds, 1)
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("me han robado la tarjeta", "stolen"),
        ("he perdido la tarjeta", "lost"),
        ("no encuentro mi tarjeta", "lost"),
        ("está rota, no funciona", "damaged"),
        ("mi tarjeta caduca pronto", "expiring"),
        ("quiero una tarjeta nueva", None),
    ],
)
def test_given_spanish_words_when_a_card_is_replaced_then_the_reason_is_read(text, reason):
    assert reason_in(said(text)) == reason


def test_given_a_lost_card_when_nothing_says_stolen_then_it_is_lost():
    assert lost_or_stolen(said("me robaron la cartera")) == "stolen"
    assert lost_or_stolen(said("no sé dónde está")) == "lost"


@pytest.mark.parametrize(
    ("text", "place"), [("la de débito", 0), ("la tarjeta de credito", 1), ("mi tarjeta", None)]
)
def test_given_a_kind_in_spanish_when_a_card_is_named_then_it_is_that_kind(text, place):
    own = cards("debit", "credit")

    assert named_cards(said(text), own) == ([] if place is None else [own[place]])


def test_given_digits_in_spanish_when_no_card_has_them_then_they_are_told():
    own = cards("debit")

    assert digits_of_no_card(said("bloquea la tarjeta terminada en 9999"), own) == "9999"
    assert digits_of_no_card(said("bloquea la que acaba en 1111"), own) is None


@pytest.mark.parametrize(
    ("text", "all_of_them"),
    [
        ("bloquea todas mis tarjetas", True),
        ("bloquea las dos", True),
        ("bloquea mi tarjeta", False),
        ("bloquea una de mis dos tarjetas", False),
        ("freeze one of my cards", False),
    ],
)
def test_given_all_cards_in_spanish_then_all_are_meant(text, all_of_them):
    assert all_are_meant(said(text)) is all_of_them


@pytest.mark.parametrize(
    ("text", "wanted", "is_wrong"),
    [("sube el límite a 500", 500, True), ("auméntalo a 2000", 2000, False),
     ("baja el límite a 500", 500, False), ("auméntalo a 50", 50, True),
     ("redúcelo a 2000", 2000, True)],
)  # fmt: skip
def test_given_up_or_down_in_spanish_when_the_sum_goes_the_other_way_then_it_is_seen(
    text, wanted, is_wrong
):
    now = Money(100_000, "EUR")

    assert is_other_way(said(text), now=now, wanted=Money(wanted * 100, "EUR")) is is_wrong


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("me lo han cobrado dos veces", "duplicate"),
        ("no reconozco este pago", "unrecognised"),
        ("no fui yo", "unrecognised"),
        ("nunca me llegó", "not_received"),
        ("el cajero no me dio el dinero", "cash_not_dispensed"),
        ("ya lo había cancelado", "cancelled_subscription"),
        ("llegó roto", "not_as_described"),
        ("me han cobrado de más", "wrong_amount"),
        ("el de Uber", None),
    ],
)
def test_given_spanish_words_when_a_payment_is_disputed_then_the_reason_is_read(text, reason):
    assert dispute_reason_in(said(text)) == reason


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("pagos de más de 60 euros", (6000, None)), ("menos de 60 euros", (None, 6000)),
     ("unos 60 euros", (5400, 6600)), ("el pago de 60 euros", (6000, 6000))],
)  # fmt: skip
def test_given_a_bound_in_spanish_when_payments_are_searched_then_it_is_read(text, bounds):
    asked = heard(said(text, EUR_60))

    assert (asked.min_minor, asked.max_minor) == bounds


def test_given_the_time_before_in_spanish_then_the_question_goes_back():
    october = Question(from_day="2026-10-01", to_day="2026-11-01")

    assert goes_back(said("¿y el mes anterior?"), october)
    assert goes_back(said("¿y antes de eso?"), Question())
    assert not goes_back(said("¿y en octubre?"), october)


@pytest.mark.parametrize(
    ("text", "names"),
    [("¿cuánto he gastado en Amazon?", ["Amazon"]), ("¿me ha cobrado algo streamly?", ["streamly"]),
     ("muéstrame mis últimos movimientos", []), ("¿cuánto gasté este mes?", [])],
)  # fmt: skip
def test_given_a_spanish_question_then_only_names_may_be_shops(text, names):
    assert _candidates(text) == names


def test_given_an_unknown_shop_in_spanish_then_it_is_named():
    assert unknown_shop(said("¿cuánto gasté en Zapatería Ruiz?")) == "Zapatería Ruiz"
    assert unknown_shop(said("¿cuánto gasté en total?")) is None


@pytest.mark.parametrize(
    ("text", "months"), [("a 24 meses", 24), ("en dos años", 24), ("a pagar en un año", 12)]
)
def test_given_a_span_in_spanish_when_a_loan_is_quoted_then_it_is_read(text, months):
    assert months_in(said(text), asked=False) == months


def test_given_a_stay_in_spanish_then_the_journey_ends_with_it():
    monday = {"entity": "period", "value": {"from": "2026-12-07", "to": "2026-12-14"}}

    journey = coming_period(said("voy la semana que viene durante diez días", monday))

    assert journey == {"from": "2026-12-07", "to": "2026-12-17"}


class Accounts:
    """Two accounts, found by what an entity says."""

    def __init__(self):
        self.current = SimpleNamespace(id="ac_current", kind="current", currency="EUR")
        self.savings = SimpleNamespace(id="ac_savings", kind="savings", currency="EUR")

    def list(self, _actor):
        return [self.current, self.savings]

    def find(self, _actor, words):
        return [getattr(self, words)]


def kind(text, word, value):
    return {"entity": "account_kind", "value": value, "start": text.index(word)}


@pytest.mark.parametrize(
    ("text", "to", "from_"),
    [
        ("pasa 200 de ahorro a la corriente", "current", "savings"),
        ("pasa 200 a mi cuenta de ahorro desde la corriente", "savings", "current"),
        ("mueve 200 de la cuenta de ahorro a la cuenta corriente", "current", "savings"),
        ("200 para ahorro", "savings", None),
    ],
)
def test_given_two_accounts_in_spanish_then_the_word_before_each_says_which_way(text, to, from_):
    accounts = Accounts()
    bank = SimpleNamespace(accounts=accounts, payees=SimpleNamespace(list=lambda _actor: []))
    kinds = [
        kind(text, word, value)
        for word, value in (("ahorro", "savings"), ("corriente", "current"))
        if word in text
    ]

    order = hear(bank, None, said(text, *kinds))

    assert order.to_account is getattr(accounts, to)
    assert order.from_account is (getattr(accounts, from_) if from_ else None)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("con el concepto cena", "cena"),
        ("pon regalo de Eva como concepto", "regalo de Eva"),
        ("14 euros a Ana para la cena, por favor", None),
        ("14 euros a Ana para la cena por favor", "la cena"),
        ("14 euros para ella", None),
        ("14 euros a Ana por favor", None),
    ],
)
def test_given_a_reference_in_spanish_then_it_is_kept(text, reference):
    own = [SimpleNamespace(id="pa_1", name="Ana Silva", iban="X")]
    bank = SimpleNamespace(accounts=Accounts(), payees=SimpleNamespace(list=lambda _actor: own))

    assert hear(bank, None, said(text)).reference == reference


def test_given_payees_in_spanish_then_the_negated_one_is_not_meant():
    own = [
        SimpleNamespace(id="pa_1", name="Ana Silva", iban="X"),
        SimpleNamespace(id="pa_2", name="Anna Berg", iban="Y"),
    ]
    bank = SimpleNamespace(accounts=Accounts(), payees=SimpleNamespace(list=lambda _actor: own))

    for text in ("a Ana, no a Anna", "no, a Ana", "a Ana en vez de Anna", "a Ana y no a Anna"):
        assert hear(bank, None, said(text)).payee.payee is own[0], text


@pytest.mark.parametrize(
    ("text", "given", "surname"),
    [("me llamo Ana Costa", "Ana", "Costa"), ("Mi nombre es Ana Costa, gracias", "Ana", "Costa"),
     ("hola, soy Luis de la Torre", "Luis", "de la Torre"), ("mis apellidos son Silva Costa", None,
     "Silva Costa")],
)  # fmt: skip
def test_given_a_name_in_spanish_words_then_it_is_read(text, given, surname):
    named = read_names(text)

    assert (named.given_names, named.surname) == (given, surname)


def test_given_a_question_in_spanish_when_a_name_is_asked_then_it_is_no_name():
    assert read_names("por qué necesita saberlo") is None


def test_given_a_birth_date_in_spanish_words_then_it_is_read():
    assert read_birth_date("el 3 de mayo de 1990", today=TODAY).day == date(1990, 5, 3)


@pytest.mark.parametrize(
    "text",
    [
        "vivo en la calle Mayor 5, 28013 Madrid",
        "mi dirección es calle Mayor 5, 28013 Madrid, España",
    ],
)
def test_given_an_address_in_spanish_words_then_its_parts_are_read(text):
    parts = read_address(text, ("street", "postcode", "city"))

    assert parts == {"street": "calle Mayor 5", "postcode": "28013", "city": "Madrid"}


@pytest.mark.parametrize(("text", "code"), [("en España", "ES"), ("vivo en Alemania", "DE")])
def test_given_a_country_in_spanish_then_it_is_found(text, code):
    assert find_country(text) == code


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("no, mi fecha de nacimiento es el 3 de mayo de 1990", "birth_date"),
        ("la calle está mal", "street"),
        ("mi correo es ana@example.org", "email"),
        ("¿para qué necesitan mi dirección?", None),
        ("calle Mayor 5", None),
    ],
)
def test_given_a_correction_in_spanish_then_its_field_is_found(text, field):
    assert find_field(text) == field


@pytest.mark.parametrize(
    ("step", "text", "answer"),
    [
        ("purpose", "para cobrar la nómina", "salary"),
        ("purpose", "para ahorrar", "savings"),
        ("document_type", "con mi DNI", "id_card"),
        ("document_type", "el permiso de conducir", "driving_licence"),
    ],
)
def test_given_an_answer_in_spanish_then_it_is_the_code(step, text, answer):
    assert read_answer(step, said(text), today=TODAY, missing=()) == {step: answer}


def test_given_a_way_of_identification_in_spanish_then_it_is_chosen():
    assert choice_of(said("mejor con una persona")) == "person"
    assert choice_of(said("el selfi me parece bien")) == "biometrics"


def test_given_a_question_about_fees_in_spanish_then_its_lines_are_found():
    with speaking("es"):
        words = words_of(said("¿cuánto cuesta una transferencia al extranjero?"))
        found = fitting(words, Products().fees(), fee_words)

    assert [fee.code for fee in found] == ["transfer_abroad"]


async def test_given_a_question_about_mortgages_in_spanish_then_their_rates_are_said():
    say = CollectingDispatcher()
    bank = SimpleNamespace(products=Products())
    await AskRates(bank, TURNS).run(say, said("¿qué tipo tienen las hipotecas?"), {})

    [reply] = say.messages
    assert reply["lines"] == (
        "• Hipoteca a 10 años a tipo fijo: 3,45 %\n• Hipoteca a 15 años a tipo fijo: 3,7 %"
    )
