"""QuickRulePolicy beside Rasa's own: the same prediction for any rules and any conversation."""

from __future__ import annotations

import json
from unittest.mock import MagicMock

from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.quick_rules import QuickRulePolicy, RuleIndex, last_states

INTENTS = ("greet", "bye", "order")
ACTIONS = ("action_listen", "utter_greet", "utter_bye", "action_order")
DOMAIN = Domain.from_dict(
    {
        "intents": list(INTENTS),
        "responses": {name: [{"text": name}] for name in ACTIONS if name.startswith("utter")},
        "actions": ["action_order"],
        "forms": {"order_form": {"required_slots": ["size"]}},
        "slots": {
            "size": {"type": "categorical", "values": ["s", "l"], "mappings": [{"type": "custom"}]}
        },
    }
)

user_states = st.sampled_from([{}, *({"intent": name} for name in INTENTS), {"text": "hello"}])
slot_states = st.sampled_from([{}, {"size": [1.0, 0.0, 0.0]}])
loops = st.sampled_from([{}, {"name": "order_form"}, {"name": "should_not_be_set"}])
acts = st.sampled_from(ACTIONS)


@st.composite
def rule_states(draw):
    state = {
        "prev_action": {"action_name": draw(acts)}, "user": draw(user_states),
        "slots": draw(slot_states), "active_loop": draw(loops),
    }  # fmt: skip
    if draw(st.integers(0, 9)) == 0:
        state["prev_action"] = {}
    return {key: value for key, value in state.items() if value}


rules = st.dictionaries(
    st.lists(rule_states(), min_size=1, max_size=4).map(lambda one: json.dumps(one, sort_keys=True)),
    acts, max_size=12,
)  # fmt: skip
events = st.lists(
    st.one_of(
        st.sampled_from(INTENTS).map(lambda name: UserUttered("hello", {"name": name})),
        acts.map(ActionExecuted),
        st.sampled_from(["s", "l", None]).map(lambda value: SlotSet("size", value)),
        st.sampled_from(["order_form", None]).map(ActiveLoop),
    ),
    max_size=14,
)


def policies(lookup):
    context = ExecutionContext(GraphSchema({}))
    for kind in (RulePolicy, QuickRulePolicy):
        yield kind(
            kind.get_default_config(), MagicMock(), Resource("rules"), context,
            lookup={
                "rules": lookup, "rules_for_loop_unhappy_path": {}, "rules_not_in_stories": [],
                "rule_only_slots": [], "rule_only_loops": [],
            },
        )  # fmt: skip


def conversation(told):
    return DialogueStateTracker.from_events(
        "c", [ActionExecuted("action_listen"), *told], DOMAIN.slots
    )


@settings(max_examples=300)
@given(rules, events)
def test_the_prediction_is_rasas_own(lookup, told):
    stock, quick = (
        policy.predict_action_probabilities(conversation(told), DOMAIN)
        for policy in policies(lookup)
    )

    assert (quick.probabilities, quick.hide_rule_turn, quick.events) == (
        stock.probabilities, stock.hide_rule_turn, stock.events,
    )  # fmt: skip
    assert quick.is_end_to_end_prediction == stock.is_end_to_end_prediction


@given(events, st.integers(1, 6))
def test_the_last_states_are_the_end_of_all_states(told, count):
    tracker = conversation(told)

    assert last_states(tracker, DOMAIN, count) == tracker.past_states(DOMAIN)[-count:]


def test_given_a_rule_taken_away_when_asked_then_the_index_is_not_of_these_rules():
    lookup = {"rules": {'[{"user": {"intent": "greet"}}]': "utter_greet"}}
    index = RuleIndex(lookup, json.loads)
    assert index.is_of(lookup["rules"])

    lookup["rules"].clear()

    assert not index.is_of(lookup["rules"])
