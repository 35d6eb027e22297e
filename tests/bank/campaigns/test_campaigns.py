"""Campaigns: two people, one plan, one letter each; and what happens when something goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bank.delivery.outbox import OutboxWorker
from bank.domain.actors import SYSTEM, a_customer
from bank.domain.campaigns import CampaignState, MessageClass, SendState
from bank.domain.consents import Channel
from bank.domain.errors import Conflict, InvalidInput, NotPermitted, SecondPersonNeeded
from bank.domain.outbox import OutboxKind
from tests.bank.campaigns.town import CHIEF, MAKER, NOON, SAVINGS, Town, a_wish


@pytest.fixture
def town() -> Town:
    return Town()


def run(town: Town):
    return town.bank.campaign_sends.run_due()


def only_reasons(town: Town) -> list[tuple[str, ...]]:
    return [one.reasons for one in town.sends()]


def test_given_a_draft_when_its_maker_approves_then_a_second_person_is_needed(town):
    draft = town.bank.campaigns.make(CHIEF, a_wish())

    with pytest.raises(SecondPersonNeeded):
        town.bank.campaigns.approve(CHIEF, draft.id)


def test_given_an_agent_when_they_approve_then_they_may_not(town):
    draft = town.bank.campaigns.make(CHIEF, a_wish())

    with pytest.raises(NotPermitted):
        town.bank.campaigns.approve(MAKER, draft.id)


def test_given_a_draft_when_due_work_runs_then_nothing_is_planned_or_sent(town):
    town.person()
    town.bank.campaigns.make(MAKER, a_wish())

    run(town)

    assert town.sends() == []
    assert town.letters() == []


@pytest.mark.parametrize("changes", [
    {"channels": ()},
    {"channels": ("pigeon",)},
    {"variants": ()},
    {"variants": ({**SAVINGS[0], "share_bp": 9_999},)},
    {"variants": ({"code": "a", "share_bp": 10_000, "texts": {"mail": "no_such_text"}},)},
    {"variants": ({"code": "a", "share_bp": 10_000, "texts": {"sms": "campaign_savings"}},)},
    {"budget_minor": -1},
    {"ends_at_utc": NOON},
    {"audience": {"rules": [{"feature": "risk_score", "op": "gte", "value": 1}]}},
    {"audience": {"rules": [{"feature": "age_years", "op": "gte", "value": True}]}},
    {"audience": {"segments": ["savers"]}},
])  # fmt: skip
def test_given_a_wish_that_cannot_be_when_made_then_it_is_refused(town, changes):
    with pytest.raises(InvalidInput):
        town.bank.campaigns.make(MAKER, a_wish(**changes))


def test_given_an_approved_campaign_when_it_runs_twice_then_each_gets_one_letter(town):
    people = [town.person() for _ in range(5)]
    campaign = town.approved()

    run(town), run(town)

    assert sorted(town.letters()) == sorted(one.email for one in people)
    assert town.state_of(campaign) == CampaignState.DONE
    assert town.bank.campaigns.get(SYSTEM, campaign.id).spent_minor == 5


def test_given_segments_learnt_anew_then_a_campaign_asks_for_the_version_it_was_approved_with(town):
    class Segments:
        def codes(self, customer_ids, *, version):
            return dict.fromkeys(customer_ids, "savers" if version == "v1" else "others")

    town.person()
    town.bank.audiences.use(Segments())
    town.approved(audience={"segments": ["savers"], "segment_version": "v1"})

    run(town)

    assert len(town.letters()) == 1


def test_given_a_planner_that_died_when_planned_again_then_it_goes_on_and_nobody_is_there_twice(
    town,
):
    people = [town.person() for _ in range(7)]
    campaign = town.approved()
    sends = town.bank.campaign_sends
    page = town.bank.audiences.page

    def dies_on_second_page(campaign, *, after, limit):
        if after:
            raise KeyError("power cut")
        return page(campaign, after=after, limit=limit)

    town.bank.audiences.page = dies_on_second_page
    with pytest.raises(KeyError):
        sends.plan(SYSTEM, campaign.id, page_rows=3)
    town.bank.audiences.page = page

    assert sends.plan(SYSTEM, campaign.id, page_rows=3) == 4
    assert sorted(one.customer_id for one in town.sends()) == sorted(one.id for one in people)


def test_given_a_fact_missing_for_one_when_sent_then_only_theirs_is_refused(town):
    town.person()
    nameless = town.person()
    town.store.write(lambda uow: uow.customers.save(_without_name(nameless)))
    town.approved()

    run(town)

    assert len(town.letters()) == 1
    assert ("missing_fact",) in only_reasons(town)


def test_given_two_campaigns_in_one_minute_when_the_cap_is_reached_then_the_rest_waits(town):
    town.person()
    for number in range(5):
        town.approved(name=f"number {number}")

    run(town)

    assert len(town.letters()) == 3  # policies/contacting.toml
    assert only_reasons(town).count(("cap_reached",)) == 2


def test_given_a_cap_that_was_reached_when_its_window_has_passed_then_the_rest_goes(town):
    town.person()
    for number in range(4):
        town.approved(name=f"number {number}")
    run(town)

    for _ in range(8):
        town.clock.turn(days=1)
        run(town)

    assert len(town.letters()) == 4


def test_given_a_clock_set_back_when_run_then_nothing_goes_twice_and_the_cap_still_counts(town):
    town.person()
    for number in range(3):
        town.approved(name=f"number {number}")
    run(town)
    town.clock.turn(hours=-2)
    town.approved(name="one more", starts_at_utc=NOON - timedelta(hours=3))

    run(town)

    assert len(town.letters()) == 3


def test_given_night_when_run_then_marketing_waits_until_morning_and_service_goes(town):
    town.person()
    texts = ({"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_terms"}},)
    town.clock.turn(hours=10)
    town.approved()
    town.approved(message_class=MessageClass.SERVICE, variants=texts)

    run(town)

    assert len(town.letters()) == 1
    [waits] = town.sends(state=SendState.PLANNED)
    assert waits.reasons == ("quiet_hours",)
    town.clock.now_utc = waits.due_at_utc
    run(town)
    assert len(town.letters()) == 2


def test_given_night_when_somebody_talks_then_what_waits_for_the_chat_is_not_kept_back(town):
    person = town.person(agrees=("chat",))
    texts = ({"code": "a", "share_bp": 10_000, "texts": {"chat": "savings"}},)
    town.clock.turn(hours=10)
    town.approved(channels=("chat",), variants=texts)
    run(town)

    assert town.bank.campaign_sends.take(a_customer(person.id), Channel.CHAT) is not None


def test_given_night_when_somebody_writes_in_a_messenger_then_what_waits_there_keeps_quiet_hours(
    town
):
    person = town.person(agrees=("messenger",))
    texts = ({"code": "a", "share_bp": 10_000, "texts": {"messenger": "savings"}},)
    town.clock.turn(hours=10)
    town.approved(channels=("messenger",), variants=texts)
    run(town)
    actor = a_customer(person.id)

    assert town.bank.campaign_sends.take(actor, Channel.MESSENGER) is None
    [waits] = town.sends(state=SendState.PLANNED)
    assert waits.reasons == ("quiet_hours",)
    town.clock.now_utc = waits.due_at_utc
    assert town.bank.campaign_sends.take(actor, Channel.MESSENGER) is not None
    assert town.bank.campaign_sends.take(actor, Channel.MESSENGER) is None


def test_given_nobody_agreed_when_service_and_security_go_then_everybody_gets_them(town):
    held_out = town.person(agrees=(), held_out=True)
    town.bank.consents.unsubscribe(a_customer(held_out.id), held_out.id)
    texts = ({"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_terms"}},)
    for kind in (MessageClass.SERVICE, MessageClass.SECURITY):
        town.approved(message_class=kind, variants=texts, budget_minor=0)

    run(town)

    assert len(town.letters()) == 2


def test_given_a_budget_of_two_when_three_are_due_then_two_go(town):
    for _ in range(3):
        town.person()
    town.approved(budget_minor=2)

    run(town)

    assert len(town.letters()) == 2
    assert ("budget_spent",) in only_reasons(town)


def test_given_two_channels_when_the_first_goes_then_the_second_does_not(town):
    both = town.person(agrees=("mail", "sms"))
    only = town.person(agrees=("sms",))
    texts = {"mail": "campaign_savings", "sms": "campaign_savings_short"}
    town.approved(
        channels=("mail", "sms"), variants=({"code": "a", "share_bp": 10_000, "texts": texts},)
    )

    run(town)

    assert sorted(town.letters()) == sorted([both.email, only.phone])


def test_given_the_stop_button_then_what_waits_in_the_outbox_never_leaves(town):
    for _ in range(3):
        town.person()
    campaign = town.approved()
    town.bank.campaign_sends.plan(SYSTEM, campaign.id)
    town.bank.campaign_sends.send_due(SYSTEM, limit=2)

    assert town.bank.campaigns.stop(CHIEF, campaign.id) == 2

    run(town)
    assert town.letters() == []
    assert len(town.sends(state=SendState.RECALLED)) == 2
    assert town.state_of(campaign) == CampaignState.STOPPED


def test_given_a_campaign_that_is_done_when_stopped_or_approved_then_it_is_too_late(town):
    town.person()
    campaign = town.approved()
    run(town)

    with pytest.raises(Conflict):
        town.bank.campaigns.stop(CHIEF, campaign.id)
    with pytest.raises(Conflict):
        town.bank.campaigns.approve(CHIEF, campaign.id)


def test_given_mail_down_for_an_hour_then_dead_letters_sent_again_arrive_once_or_not_at_all(town):
    people = [town.person() for _ in range(3)]
    town.approved()
    run(town)
    mailer = FlakyMailer()
    worker = OutboxWorker(
        town.store, clock=town.clock, vault=town.bank.vault, mailers={OutboxKind.MAIL: mailer}
    )
    mailer.is_down = True
    for _ in range(60):
        worker.run_once()
        run(town)
        town.clock.turn(minutes=1)

    mailer.is_down = False
    town.withdraw(people[0])
    for letter in town.bank.outbox.list_dead(SYSTEM):
        town.bank.outbox.retry(SYSTEM, letter.id)
    for _ in range(3):
        worker.run_once()
        run(town)

    assert sorted(mailer.sent) == sorted(one.email for one in people[1:])


def test_given_letters_leased_together_when_one_is_recalled_before_its_turn_then_it_is_not_sent(
    town,
):
    first, second = town.person(), town.person()
    town.approved()
    run(town)
    mailer = FlakyMailer()
    mailer.before = lambda to: town.withdraw(second if to == first.email else first)
    worker = OutboxWorker(
        town.store, clock=town.clock, vault=town.bank.vault, mailers={OutboxKind.MAIL: mailer}
    )

    worker.run_once()

    assert len(mailer.sent) == 1


def test_given_a_window_that_is_over_then_what_waited_is_refused_and_the_campaign_ends(town):
    town.person(agrees=("chat",))
    campaign = town.approved(
        channels=("chat",),
        variants=({"code": "a", "share_bp": 10_000, "texts": {"chat": "utter_offer"}},),
    )
    run(town)
    assert town.state_of(campaign) == CampaignState.RUNNING

    town.clock.turn(days=31)
    run(town)

    assert "window_over" in only_reasons(town)[0]
    assert town.state_of(campaign) == CampaignState.DONE


def test_given_a_message_for_the_chat_when_taken_then_it_is_taken_once(town):
    person = town.person(agrees=("chat",))
    town.approved(
        channels=("chat",),
        variants=({"code": "a", "share_bp": 10_000, "texts": {"chat": "utter_offer"}},),
    )
    run(town)
    actor = a_customer(person.id)

    taken = town.bank.campaign_sends.take(actor, Channel.CHAT)

    assert taken is not None
    assert taken.state is SendState.SENT
    assert town.bank.campaign_sends.take(actor, Channel.CHAT) is None


def test_given_a_preview_then_it_says_what_would_happen_and_changes_nothing(town):
    person = town.person()
    draft = town.bank.campaigns.make(MAKER, a_wish())

    seen = town.bank.campaigns.preview(MAKER, draft.id, person.id)

    assert seen.is_member
    assert seen.lines[0].reasons == ()
    assert "Hello Ana" in seen.lines[0].words.body
    town.withdraw(person)
    again = town.bank.campaigns.preview(MAKER, draft.id, person.id)
    assert again.lines[0].reasons == ("no_consent",)
    assert town.sends() == []
    assert town.letters() == []


def test_given_responses_then_the_results_compare_those_meant_with_those_held_out(town):
    met = [town.person() for _ in range(30)]
    left = [town.person(held_out=True) for _ in range(10)]
    campaign = town.approved()
    run(town)

    for person in [*met[:15], left[0]]:
        assert town.bank.campaign_sends.respond(SYSTEM, campaign.id, person.id)
    assert not town.bank.campaign_sends.respond(SYSTEM, campaign.id, met[0].id)

    found = town.bank.campaigns.results(MAKER, campaign.id)
    assert (found.arms["a"].count, found.arms["a"].hits) == (30, 15)
    assert (found.assigned.count, found.held_out.count, found.held_out.hits) == (30, 10, 1)
    assert found.uplift.difference == pytest.approx(0.4)
    assert found.uplift.low < 0.4 < found.uplift.high
    assert len(town.letters()) == 30


class FlakyMailer:
    def __init__(self):
        self.is_down, self.sent, self.before = False, [], lambda _to: None

    def send(self, *, to, subject, body, message_id):
        if self.is_down:
            raise ConnectionError
        self.sent.append(to)
        self.before(to)


def _without_name(customer):
    return replace(customer, given_name=" ")
