"""RulePolicy that looks no further back than its longest rule, and only at rules that can match.

    the last states, as many as the longest rule has    (Rasa: all of the conversation, twice)
              │
    rules that end with this intent, or with none       (Rasa: all rules)
              └─▶ Rasa's own matching

Same predictions, as a law in the tests says; half the work of a turn. An older state cannot matter:
a rule that is shorter than the conversation has matched already (`_is_rule_applicable`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Optional

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT

Lookup = dict[str, str]


class QuickRulePolicy(RulePolicy):
    """Takes RulePolicy's place; takes the same settings."""

    _index: Optional[RuleIndex] = None

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[Optional[str], Optional[str], bool]:
        index = self._rules()
        if use_text_for_last_user_input and index.ask_for_intents and not tracker.active_loop_name:
            return None, None, False  # no rule is about a wording, or about any message
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[dict[str, Any]] = None,
    ) -> list[State]:
        if self.featurizer.max_history is not None:
            return super()._prediction_states(
                tracker, domain, use_text_for_last_user_input, rule_only_data
            )
        states = [last_states(tracker, domain, self._rules().states_max)]
        self.featurizer._choose_last_user_input(states, use_text_for_last_user_input)
        return states[0]

    def _get_possible_keys(self, lookup: Lookup, states: list[State]) -> set[str]:
        if lookup is self.lookup[RULES] and states:
            lookup = self._rules().candidates(states[-1])
        return super()._get_possible_keys(lookup, states)

    def _rules(self) -> RuleIndex:
        rules = self.lookup[RULES]
        # Training takes rules away one by one; a trained policy's never change.
        if self._index is None or not self._index.is_of(rules):
            self._index = RuleIndex(self.lookup, self._rule_key_to_state)
        return self._index


class RuleIndex:
    """Rules by the intent their last state asks for."""

    def __init__(self, lookup: dict[str, Any], states_of: Any) -> None:
        self._rules: Lookup = lookup[RULES]
        self._rules_count = len(self._rules)
        self._by_intent: dict[Optional[str], Lookup] = defaultdict(dict)
        keys = [key for kind in lookup.values() if isinstance(kind, dict) for key in kind]
        rule_states = {key: states_of(key) for key in keys}
        #: The longest rule, and one state more: whether the conversation began before it.
        self.states_max = 1 + max((len(states) for states in rule_states.values()), default=0)
        for key, action in self._rules.items():
            intent = rule_states[key][-1].get(USER, {}).get(INTENT) if rule_states[key] else None
            self._by_intent[intent][key] = action
        #: Whether every rule's last state asks for an intent.
        self.ask_for_intents = None not in self._by_intent

    def is_of(self, rules: Lookup) -> bool:
        """Whether these are the rules the index was made from."""
        return rules is self._rules and len(rules) == self._rules_count

    def candidates(self, state: State) -> Lookup:
        """Return the rules that this last state does not rule out by its intent."""
        intent = state.get(USER, {}).get(INTENT)
        whatever = self._by_intent.get(None, {})
        return whatever if intent is None else {**whatever, **self._by_intent.get(intent, {})}


def last_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> list[State]:
    """Return the last `count` of `tracker.past_states(domain)`, without making those before."""
    acts_count = sum(isinstance(event, ActionExecuted) for event in tracker.applied_events())
    return [
        domain.get_active_state(before)
        for number, (before, _) in enumerate(tracker.generate_all_prior_trackers())
        if number > acts_count - count
    ]
