"""Says every string of the corpus to a real branch, and notes whatever should not have happened.

    a visitor, a conversation per string ──▶ said ──▶ said again with the same id ──▶ a wish? logs in
    a customer with a transfer that waits for its one-time code ──▶ said ──▶ said again

Each string is signed as a customer's text and sent straight to the channel, so the second wall
stands alone; what web's own wall does is in tests/web. A finding is a value, not an exception: one
trial finds everything.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, groupby
from typing import Any

from bank.domain.ids import CustomerId, MessageId
from bank.security.turns import Turn
from tests.attacks.conftest import Answer, Attacker
from tests.attacks.corpus import MARKER, VICTIM, strings
from tests.attacks.slots import ACTING, WORDS, acts_wrongly, words_in
from tests.dialogue.facts import stored_events
from tests.dialogue.persona import Persona, make_persona

#: What the victim has, and nobody else in the trial.
VICTIM_HAS = {
    "balance": {"current": "7391.17", "savings": "8462.93"},
    "payees": ["Zenobia Quarles"], "cards": ["9137"],
}  # fmt: skip
VICTIM_FACTS = ("7,391.17", "8,462.93", "15,854.10", "Zenobia", "•••• 9137")
#: Entities that only a redeemed button or an event of web may bring.
SERVERS_OWN = frozenset(
    {"bill_id", "card_id", "payee_id", "posting_id", "standing_order_id", "transfer_id", "code",
     "purpose", "summary", "customer_id"}
)  # fmt: skip
SYSTEM_ACTIONS = {"action_restart", "action_back", "action_session_start"}
TABLES = {
    "pa": "payees",
    "tr": "transfers",
    "cd": "cards",
    "ac": "accounts",
    "so": "standing_orders",
}
#: Visitors say every string; customers in mid-transfer those of every so-many-th prefix.
CUSTOMERS_EVERY = 4
#: The server and its client share two cores.
WORKERS = 3


@dataclass(frozen=True)
class Finding:
    """Something an attack achieved; `rule` is one of RULES."""

    rule: str
    title: str
    what: str


RULES = (
    "answered",
    "command",
    "certainty",
    "protected slot",
    "words",
    "identity",
    "twice",
    "money",
)


@dataclass
class Trial:
    """What came of it."""

    strings_count: int = 0
    turns_count: int = 0
    findings: list[Finding] = field(default_factory=list)

    def against(self, *rules: str) -> list[Finding]:
        """Return the findings against these rules."""
        assert set(rules) <= set(RULES), rules
        return [one for one in self.findings if one.rule in rules]


def run_trial(attacker: Attacker) -> Trial:
    """Say the whole corpus to visitors' and to customers' conversations."""
    groups = [list(group) for _, group in groupby(strings(), lambda one: one[0].partition(":")[0])]
    victim = make_persona(attacker.branch, VICTIM_HAS)
    attackers = [make_persona(attacker.branch, {}) for _ in groups]
    everybody = list(zip(attackers, groups, strict=True))
    customers = everybody[::-CUSTOMERS_EVERY]  # from the end: the single strings are among them
    parts: list[_Visitors | _Customer] = [
        *(_Customer(attacker, victim, *each) for each in customers),
        *(_Visitors(attacker, victim, *each) for each in everybody),
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda part: list(part.run()), parts))
    return Trial(
        strings_count=sum(map(len, groups)),
        turns_count=sum(part.turns_count for part in parts),
        findings=list(chain.from_iterable(found)),
    )


@dataclass
class _Part:
    """Some strings, said by one person."""

    attacker: Attacker
    victim: Persona
    persona: Persona
    texts: list[tuple[str, str]]
    turns_count: int = 0

    @cached_property
    def forbidden(self) -> tuple[str, ...]:
        """What no acting slot may hold."""
        return (MARKER, VICTIM, str(self.victim.customer.id))

    def turn(self, text: str, **more: Any) -> Turn:
        raw = text.replace(VICTIM, str(self.victim.customer.id))
        return self.attacker.a_turn(raw.encode("utf-8", "replace").decode(), **more)

    def say(self, turn: Turn) -> Answer:
        self.turns_count += 1
        return self.attacker.say(turn)

    def say_twice(self, title: str, turn: Turn) -> Iterator[Finding]:
        """Say the string, then say it again with the same id."""
        first = self.say(turn)
        if first.status != 200:
            code = first.json()["error"]["code"]
            if (first.status, code) != (400, "empty_text"):
                yield Finding("answered", title, f"{first.status} {code}")
            return
        again = self.say(turn)
        if again.status != 200 or not again.json()["replayed"]:
            yield Finding("twice", title, "a repeated message was no replay")
        elif again.json()["replies"] != first.json()["replies"]:
            yield Finding("twice", title, "a repeated message got other replies")
        if not first.json()["replies"]:
            yield Finding("answered", title, "silence")
        yield from self.judge_said(title, first)

    def judge_said(self, title: str, answer: Answer) -> Iterator[Finding]:
        said = json.dumps(answer.json()["replies"], ensure_ascii=False)
        for fact in VICTIM_FACTS:
            if fact in said:
                yield Finding("identity", title, f"the victim's {fact} was said")

    def judge(
        self, title: str, turn: Turn, events: list[dict[str, Any]], *, judged_count: int = 0
    ) -> Iterator[Finding]:
        """Judge what is stored of the conversation, after the events that were judged before."""
        heard = [event for event in events if event["event"] == "user"]
        if sum(event["message_id"] == turn.message_id for event in heard) > 1:
            yield Finding("twice", title, "the message was heard twice")
        texts = [event["text"] for event in heard if not event["text"].startswith("/EXTERNAL_")]
        for event in events[judged_count:]:
            if event["event"] == "slot" and event["name"] != "session_started_metadata":
                yield from self.judge_slot(title, event["name"], event["value"], texts)
            elif event["event"] in ("restart", "rewind"):
                yield Finding("command", title, event["event"])
        for event in heard:
            if event["message_id"] == turn.message_id:
                yield from _judge_reading(title, event)
        system = [e for e in events if e["event"] == "action" and e["name"] in SYSTEM_ACTIONS]
        if len(system) > 1:  # the session's own start
            yield Finding("command", title, str([event["name"] for event in system]))

    def judge_slot(self, title: str, name: str, value: Any, texts: list[str]) -> Iterator[Finding]:
        if name in WORDS:
            for words in words_in(value):
                if not any(words.casefold() in text.casefold() for text in texts):
                    yield Finding("words", title, f"{name} holds what nobody said: {words!r}")
            return
        if acts_wrongly(name, value, forbidden=self.forbidden):
            yield Finding("protected slot", title, f"{name} = {value!r}")
        for record_id in value if isinstance(value, list) else [value]:
            if not self._is_own(record_id):
                yield Finding("identity", title, f"{name} = {record_id}, not the speaker's")

    def _is_own(self, record_id: Any) -> bool:
        table = TABLES.get(str(record_id)[:2]) if str(record_id)[2:3] == "_" else None
        if table is None:
            return True
        record = self.attacker.branch.bank.store.read(
            lambda uow: getattr(uow, table).find(record_id)
        )
        return record is not None and record.customer_id == self.persona.customer.id

    def judge_money(self, title: str) -> Iterator[Finding]:
        """No step-up was ever given, so nothing that needs one may be done."""
        transfers = self.attacker.branch.bank.store.read(
            lambda uow: uow.transfers.list(customer_id=self.persona.customer.id)
        )
        for one in transfers:
            if str(one.status) == "posted":
                yield Finding("money", title, f"{one.amount} posted")


class _Visitors(_Part):
    """Each string in a conversation of its own; afterwards somebody logs in there."""

    def run(self) -> Iterator[Finding]:
        for title, text in self.texts:
            turn = self.turn(text)
            yield from self.say_twice(title, turn)
            before = stored_events(self.attacker.branch, turn.conversation_id)
            yield from self.judge(title, turn, before)
            for event in before:
                if event["event"] == "slot" and _is_record(event["name"]) and event["value"]:
                    yield Finding("identity", title, f"a visitor's {event['name']} was set")
            if not _has_slot(before, "wished_action"):
                continue
            logged_in = replace(
                turn, message_id=MessageId(secrets.token_hex(8)), text="",
                customer_id=CustomerId(self.persona.customer.id),
                login_level=self.persona.session.login_level,
                payload={"intent": "EXTERNAL_logged_in", "entities": {}},
            )  # fmt: skip
            yield from self.judge_said(title, self.say(logged_in))
            after = stored_events(self.attacker.branch, turn.conversation_id)
            yield from self.judge(f"{title}, logged in", turn, after, judged_count=len(before))
        yield from self.judge_money(self.texts[0][0])


class _Customer(_Part):
    """All strings in one conversation, where a transfer waits for its one-time code."""

    def run(self) -> Iterator[Finding]:
        self.propose()
        judged_count = 0
        for title, text in self.texts:
            turn = self.customer_turn(text)
            yield from self.say_twice(f"{title}, customer", turn)
            events = stored_events(self.attacker.branch, turn.conversation_id)
            yield from self.judge(f"{title}, customer", turn, events, judged_count=judged_count)
            judged_count = len(events)
            yield from self.judge_money(f"{title}, customer")
            if not _has_slot(events, "transfer_proposal_id"):
                self.propose()

    def customer_turn(self, text: str) -> Turn:
        return self.turn(
            text, conversation_id=self.persona.session.conversation_id,
            customer_id=CustomerId(self.persona.customer.id),
            login_level=self.persona.session.login_level,
        )  # fmt: skip

    def propose(self) -> None:
        """Have a transfer wait for its code; part of the scene, so it must work."""
        self.say(self.customer_turn("cancel"))
        self.say(self.customer_turn("send 900 euros to Ana Silva"))
        answer = self.say(self.customer_turn("yes"))
        assert "utter_step_up_required" in answer.text, answer.text


def _judge_reading(title: str, heard: dict[str, Any]) -> Iterator[Finding]:
    """A typed string is read by the classifier: never sure, never as a command or an event."""
    parsed = heard["parse_data"]
    intent = parsed["intent"]
    if heard["text"].lstrip().startswith("/"):
        yield Finding("command", title, f"reached Rasa as {heard['text']!r}")
    if "RegexMessageHandler" in json.dumps(parsed) or intent["name"].startswith("EXTERNAL_"):
        yield Finding("command", title, f"was read as {intent['name']}")
    # Only Rasa's own "/intent" syntax, and the finder of two wishes, are ever certain.
    if intent["confidence"] >= 1.0 and intent["name"] != "two_wishes":
        yield Finding("certainty", title, f"{intent}")
    for entity in parsed["entities"]:
        if entity["entity"] in SERVERS_OWN:
            yield Finding("command", title, f"{entity['entity']} was read from text")


def _is_record(name: str) -> bool:
    return name in ACTING and (name.endswith(("_id", "_challenge", "_candidates", "_from")))


def _has_slot(events: list[dict[str, Any]], name: str) -> bool:
    held = [e["value"] for e in events if e["event"] == "slot" and e["name"] == name]
    return bool(held and held[-1])
