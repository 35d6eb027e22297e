"""Audiences: what rules may ask, what is not known, whom a draft reaches, and the wall."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.accounts import AccountStatus, InternalRole
from bank.domain.actors import SYSTEM
from bank.domain.audience_rules import DEPTH_MAX, FEATURES, RULES_MAX_COUNT, hold, validate_rules
from bank.domain.audiences import validate_audience
from bank.domain.campaigns import CampaignState
from bank.domain.cards import CardStatus, FreezeReason
from bank.domain.cases import CaseKind
from bank.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from bank.domain.fraud_findings import FindingSource, FraudFinding
from bank.domain.habits import login_day
from bank.domain.ids import CustomerId
from bank.domain.ledger import Category, TransactionKind
from bank.domain.links import ChannelLink
from bank.domain.money import Money
from bank.services import audience_features, campaign_reach
from bank.services.ledger import book_in
from tests.bank.campaigns.town import CHIEF, MAKER, NOON, Town, a_wish

ROOT = Path(__file__).parents[3]


def asks(feature: str, op: str, value: Any) -> dict[str, Any]:
    return {"feature": feature, "op": op, "value": value}


def negated(rule: dict[str, Any]) -> dict[str, Any]:
    return {"not": rule}


@pytest.fixture
def town() -> Town:
    return Town()


def chosen(town: Town, *rules: dict[str, Any]) -> set[str]:
    campaign = town.bank.campaigns.make(MAKER, a_wish(audience={"rules": list(rules)}))
    return set(town.bank.audiences.page(campaign, after="")[1])


def a_furnished(town: Town) -> CustomerId:
    """Return somebody with an answer to everything."""
    who = town.person(
        agrees=("mail",), country="PT", locale="es", kyc_tier=2, birth_date="1990-01-01"
    ).id
    bank = town.bank
    current, _ = (
        bank.accounts.open(SYSTEM, customer_id=who, kind=kind, name=kind, currency="EUR")
        for kind in ("current", "savings")
    )
    bank.cards.issue(SYSTEM, account_id=current.id, kind="credit", limit_day_minor=10_000)

    def live(uow: Any) -> None:
        for amount_minor, kind in ((700_000, TransactionKind.SALARY), (-900, TransactionKind.CARD)):
            book_in(
                uow, account_id=current.id, amount=Money(amount_minor, "EUR"),
                against=InternalRole.CLEARING, kind=kind, category=Category.HEALTH,
                booked_at_utc=NOON - timedelta(days=20), merchant="A pharmacy",
            )  # fmt: skip
        uow.login_days.add(login_day(who, date(2026, 2, 20), logins_count=1))
        uow.channel_links.add(ChannelLink("telegram|x", "telegram", who, NOON))

    town.store.write(live)
    return who


@pytest.mark.parametrize(("fits", "not_fits"), [
    (asks("country", "in", ["PT", "ES"]), asks("country", "eq", "DE")),
    (asks("locale", "eq", "es"), asks("locale", "ne", "es")),
    (asks("age_band", "eq", "from_35"), asks("age_band", "in", ["under_18", "from_65"])),
    (asks("age_years", "gte", 36), asks("age_years", "gte", 37)),
    (asks("tenure_days", "lte", 0), asks("tenure_days", "gte", 1)),
    (asks("has_savings", "eq", True), asks("has_investments", "eq", True)),
    (asks("has_credit_card", "eq", True), asks("has_card", "eq", False)),
    (asks("products_count", "eq", 3), asks("products_count", "gte", 4)),
    (asks("kyc_tier", "gte", 2), asks("kyc_tier", "lte", 1)),
    (asks("linked_channels", "has", "telegram"), asks("linked_channels", "has", "slack")),
    (asks("balance_band", "eq", "from_5k"), asks("balance_band", "eq", "under_1k")),
    (asks("login_age_days", "lte", 10), asks("login_age_days", "gte", 11)),
    (asks("card_age_days", "eq", 20), asks("card_age_days", "gte", 21)),
    (asks("consents", "has", "offers_mail"), asks("consents", "has", "offers_sms")),
])  # fmt: skip
def test_given_somebody_when_each_feature_is_asked_then_they_fit_or_not(town, fits, not_fits):
    who = a_furnished(town)

    assert chosen(town, fits) == {who}
    assert chosen(town, not_fits) == set()
    assert chosen(town, negated(not_fits)) == {who}


def test_given_rules_joined_by_and_or_not_then_all_of_the_joints_count(town):
    portuguese = town.person(country="PT")
    saver = town.person(country="DE")
    town.bank.accounts.open(
        SYSTEM, customer_id=saver.id, kind="savings", name="Rainy", currency="EUR"
    )
    town.person(country="DE")
    either = {"any": [asks("country", "eq", "PT"), asks("has_savings", "eq", True)]}

    assert chosen(town, either) == {portuguese.id, saver.id}
    assert chosen(town, either, negated(asks("country", "eq", "PT"))) == {saver.id}
    assert chosen(town, {"all": [either, negated(asks("has_savings", "eq", True))]}) == {
        portuguese.id
    }


def test_given_no_birth_date_then_neither_a_rule_nor_its_opposite_finds_them(town):
    town.person(birth_date=None)
    young = asks("age_band", "eq", "from_18")

    assert chosen(town, young) == chosen(town, negated(young)) == set()


def test_given_nobody_ever_logged_in_or_paid_by_card_then_that_is_more_than_a_year(town):
    who = town.person()

    assert chosen(town, asks("login_age_days", "gte", 366)) == {who.id}
    assert chosen(town, asks("card_age_days", "lte", 365)) == set()


def deep(levels: int) -> dict[str, Any]:
    rule = asks("kyc_tier", "eq", 1)
    for _ in range(levels - 1):
        rule = negated(rule)
    return rule


@pytest.mark.parametrize("rules", [
    [asks("risk_score", "gte", 1)],
    [asks("has_savings", "gte", 1)],
    [asks("has_savings", "eq", 1)],
    [asks("kyc_tier", "eq", True)],
    [asks("kyc_tier", "eq", 10**12)],
    [asks("age_band", "eq", "toddler")],
    [asks("consents", "has", "gambling_mail")],
    [asks("consents", "eq", "offers_mail")],
    [asks("country", "in", "PT")],
    [asks("country", "in", [])],
    [asks("country", "eq", "P" * 81)],
    [{"any": []}],
    [{"any": [asks("kyc_tier", "eq", 1)], "not": asks("kyc_tier", "eq", 1)}],
    [{"xor": [asks("kyc_tier", "eq", 1)]}],
    ["kyc_tier"],
    "kyc_tier",
    [asks("kyc_tier", "eq", 1)] * (RULES_MAX_COUNT + 1),
    [{"any": [asks("kyc_tier", "eq", 1)] * RULES_MAX_COUNT}, asks("kyc_tier", "eq", 1)],
    [deep(DEPTH_MAX + 1)],
])  # fmt: skip
def test_given_rules_that_cannot_be_when_validated_then_refused(rules):
    with pytest.raises(InvalidInput):
        validate_audience({"rules": rules})


def test_given_rules_as_deep_and_as_many_as_allowed_then_their_normal_form_is_themselves():
    rules = [deep(DEPTH_MAX), {"any": [asks("kyc_tier", "eq", 1)] * (RULES_MAX_COUNT - 1)}]

    assert validate_rules(rules) == rules


_leaves = st.sampled_from([asks(name, "eq", True) for name in ("has_card", "has_savings")])
_rules = st.recursive(
    _leaves,
    lambda part: st.one_of(
        part.map(negated),
        st.lists(part, min_size=1, max_size=3).map(lambda some: {"any": some}),
        st.lists(part, min_size=1, max_size=3).map(lambda some: {"all": some}),
    ),
    max_leaves=8,
)
_known = st.fixed_dictionaries(
    {}, optional={name: st.booleans() for name in FEATURES if name.startswith("has_")}
)


@given(_rules, _known, st.booleans(), st.booleans())
def test_what_is_decided_with_little_known_stays_when_more_is(rule, known, card, savings):
    before = hold([rule], known)

    if before is not None:
        assert hold([rule], {"has_card": card, "has_savings": savings} | known) is before


@given(_rules, _known)
def test_nobody_fits_a_rule_and_its_opposite(rule, known):
    assert not (hold([rule], known) and hold([negated(rule)], known))


def test_given_nobody_fits_when_approved_then_refused_and_still_a_draft(town):
    town.person()
    empty = {"rules": [asks("country", "eq", "PT")]}
    draft = town.bank.campaigns.make(MAKER, a_wish(audience=empty))

    with pytest.raises(Conflict) as refusal:
        town.bank.campaigns.approve(CHIEF, draft.id)

    assert refusal.value.details == {"reason": "empty_audience"}
    assert town.state_of(draft) == CampaignState.DRAFT


def test_given_everybody_left_after_the_approval_when_run_then_it_is_done_and_nothing_went(town):
    person = town.person(country="PT")
    campaign = town.approved(audience={"rules": [asks("country", "eq", "PT")]})
    town.store.write(lambda uow: uow.customers.save(replace(person, country="DE")))

    town.bank.campaign_sends.run_due()

    assert town.sends() == []
    assert town.state_of(campaign) == CampaignState.DONE


def test_given_named_people_when_planned_in_pages_then_they_alone_and_who_is_gone_is_passed_by(town):
    people = [town.person() for _ in range(9)]
    named = [one.id for one in people[1:8]]
    campaign = town.approved(audience={"customer_ids": named})
    town.store.write(lambda uow: uow.customers.remove(named[3]))

    made = town.bank.campaign_sends.plan(SYSTEM, campaign.id, page_rows=2)

    assert made == 6
    assert {one.customer_id for one in town.sends()} == set(named) - {named[3]}
    assert town.bank.audiences.count(campaign.audience) == 6


class Segments:
    """Puts everybody with the savers while it is there."""

    def __init__(self) -> None:
        self.is_gone = False

    def codes(self, customer_ids, *, version):
        if self.is_gone:
            raise NotFound(table="segments", version=version)
        return dict.fromkeys(customer_ids, "savers")


def test_given_segments_nobody_can_tell_when_approved_then_refused_when_run_then_only_it_waits(
    town,
):
    town.person()
    segments, wish = Segments(), {"segments": ["savers"], "segment_version": "v1"}
    town.bank.audiences.use(segments)
    waits = town.approved(audience=wish)
    town.approved()
    segments.is_gone = True

    town.bank.campaign_sends.run_due()
    with pytest.raises(Conflict) as refusal:
        town.approved(audience=wish)

    assert len(town.letters()) == 1
    assert town.state_of(waits) == CampaignState.APPROVED
    assert refusal.value.details == {"reason": "segments_gone"}


def test_given_people_without_a_name_an_address_or_consent_then_the_reach_counts_each(town):
    nameless = town.person()
    town.store.write(lambda uow: uow.customers.save(replace(nameless, given_name=" ")))
    town.person(agrees=())
    town.person(email="")
    draft = town.bank.campaigns.make(MAKER, a_wish())

    found = town.bank.campaigns.reach(MAKER, draft.id)

    assert (found.count, found.looked_at_count, found.is_whole) == (3, 3, True)
    assert found.reasons == {"mail": {"no_address": 1, "missing_fact": 1, "no_consent": 1}}
    assert town.sends() == []
    assert town.letters() == []


def test_given_more_people_than_are_looked_at_then_a_sample_says_so_and_stays(town, monkeypatch):
    monkeypatch.setattr("bank.services.campaigns.SAMPLE_MAX_COUNT", 10)
    for _ in range(25):
        town.person(agrees=())
    draft = town.bank.campaigns.make(MAKER, a_wish())

    found = town.bank.campaigns.reach(MAKER, draft.id)

    assert (found.count, found.looked_at_count, found.is_whole) == (25, 10, False)
    assert found.reasons == {"mail": {"no_consent": 10}}
    assert found == town.bank.campaigns.reach(MAKER, draft.id)
    some = [town.bank.audiences.sample(draft.audience, most=10, seed=str(n))[1] for n in range(40)]
    assert {one for ids in some for one in ids} == {one.id for one in _everybody(town)}


def test_given_staff_of_another_desk_when_the_reach_is_asked_then_refused(town):
    draft = town.bank.campaigns.make(MAKER, a_wish())

    with pytest.raises(NotPermitted):
        town.bank.campaigns.reach(replace(MAKER, roles=frozenset({"kyc"})), draft.id)


ALL = [
    asks("has_card", "eq", True), asks("balance_band", "eq", "from_5k"),
    asks("card_age_days", "lte", 30), asks("login_age_days", "lte", 30),
    asks("linked_channels", "has", "telegram"), asks("consents", "has", "offers_mail"),
]  # fmt: skip


def test_given_suspicion_of_every_kind_when_all_is_asked_then_the_audience_is_the_same(town):
    who = a_furnished(town)
    before = chosen(town, *ALL)

    def suspect(uow):
        for card in uow.cards.list(customer_id=who):
            frozen = replace(card, status=CardStatus.FROZEN, frozen_reason=FreezeReason.SUSPICIOUS)
            uow.cards.save(frozen)
        for account in uow.accounts.list(customer_id=who):
            uow.accounts.save(replace(account, status=AccountStatus.RESTRICTED))
        [paid] = uow.postings.list(kind=TransactionKind.CARD, amount_minor__lt=0)
        finding = FraudFinding(
            "ff_1", paid.id, who, is_fraud=True, source=FindingSource.ALERT, found_at_utc=NOON,
            found_by="st_chief",
        )  # fmt: skip
        uow.fraud_findings.add(finding)

    town.store.write(suspect)
    town.bank.cases.open(
        SYSTEM, kind=CaseKind.ALERT, queue="alerts", subject="A payment",
        reason_code="suspected_fraud", why="It looks like one", customer_id=who,
    )  # fmt: skip

    assert chosen(town, *ALL) == before == {who}


def test_the_reader_of_features_knows_no_shop_no_words_and_no_word_of_suspicion():
    tree = ast.parse(Path(audience_features.__file__).read_text("utf-8"))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    asked = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    never = {"merchant", "category", "description", "reference", "frozen_reason", "reasons"}

    assert not (read | asked) & never
    assert "kind" in read | asked  # so that it looks where it should


def test_the_wall_names_every_room_of_audiences():
    wall = (ROOT / "pyproject.toml").read_text("utf-8").split("suspicion never reaches")[1]
    sources = wall.split("forbidden_modules")[0]

    for room in (audience_features, campaign_reach):
        assert f'"{room.__name__}"' in sources
    assert '"bank.domain.audience_rules"' in sources


def _everybody(town: Town) -> list[Any]:
    return town.store.read(lambda uow: uow.customers.list())
