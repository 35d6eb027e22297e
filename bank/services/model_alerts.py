"""Model alerts: written down once, told by mail and webhook through the outbox.

    tell ─▶ the same within its quiet hours? ──yes──▶ counted
               └─no─▶ kept ─┬─ immediate ─▶ a mail each recipient, a call each webhook
                            └─ digest ────▶ send_digest_due: one mail a day

The alert and what leaves the bank are written in one transaction, so neither is ever without the
other. Recipients are the settings'; subjects and bodies name models and versions, nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bank.domain.actors import Actor
from bank.domain.ids import ModelAlertId, make_id
from bank.domain.model_alerts import (
    ModelAlert,
    ModelAlertKind,
    ModelAlertState,
    clean_facts,
    validate_model,
)
from bank.domain.outbox import OutboxKind
from bank.policies import access
from bank.policies.model_alerts import How, last_digest_utc, rule_of
from bank.ports import Clock, RenderedText, Store, Texts, UnitOfWork
from bank.services.outbox import Outbox

DIGEST_MAX_LINES = 100
LIST_MAX = 200


@dataclass(frozen=True, slots=True)
class AlertRecipients:
    """Who is told: mail addresses of the house, and addresses of its own systems."""

    mails: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    locale: str = "en"

    def __bool__(self) -> bool:
        return bool(self.mails or self.webhooks)


class ModelAlerts:
    """What happened to the models, and who has heard of it."""

    def __init__(
        self, store: Store, *, clock: Clock, outbox: Outbox, texts: Texts, to: AlertRecipients
    ) -> None:
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._texts = texts
        self._to = to

    def tell(
        self,
        actor: Actor,
        kind: ModelAlertKind | str,
        *,
        model: str,
        version: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> ModelAlert:
        """Write down that something happened, and tell whoever is to hear of it.

        version: empty when it is about the model as such. facts: of `domain.model_alerts.FACTS`.
        Raises NotPermitted, InvalidInput.
        """
        access.require(actor, "model_alerts.tell")
        kind, rule = ModelAlertKind(kind), rule_of(ModelAlertKind(kind))
        validate_model(model, version)
        clean = clean_facts(facts or {})

        def work(uow: UnitOfWork) -> ModelAlert:
            now_utc = self._clock()
            held: ModelAlert | None = next(
                iter(
                    uow.model_alerts.list(
                        kind=kind, model=model, version=version, order_by="id",
                        descending=True, limit=1,
                    )
                ),
                None,
            )  # fmt: skip
            if held is not None and now_utc - held.at_utc < rule.quiet:
                again = replace(held, times_count=held.times_count + 1, last_at_utc=now_utc)
                uow.model_alerts.save(again)
                return again
            state = {How.IMMEDIATE: ModelAlertState.SENT, How.DIGEST: ModelAlertState.WAITING}
            alert = ModelAlert(
                id=ModelAlertId(make_id("ma")),
                kind=kind,
                model=model,
                version=version,
                facts=clean,
                state=state.get(rule.how, ModelAlertState.KEPT)
                if self._to
                else ModelAlertState.KEPT,
                times_count=1,
                at_utc=now_utc,
                last_at_utc=now_utc,
            )
            uow.model_alerts.add(alert)
            if alert.state is ModelAlertState.SENT:
                self._send_in(uow, alert)
            return alert

        return self._store.write(work)

    def send_digest_due(self) -> int:
        """Send the mail of the day when it is due; return how many alerts it told."""
        due_utc = last_digest_utc(self._clock())
        waiting: dict[str, Any] = {"state": ModelAlertState.WAITING, "at_utc__lt": due_utc}
        if not self._store.read(lambda uow: uow.model_alerts.count(**waiting)):
            return 0

        def work(uow: UnitOfWork) -> int:
            found: Sequence[ModelAlert] = uow.model_alerts.list(
                order_by="id", limit=DIGEST_MAX_LINES, **waiting
            )
            for alert in found:
                uow.model_alerts.save(replace(alert, state=ModelAlertState.SENT))
            lines = [f"- {one.at_utc:%Y-%m-%d %H:%M} {self._words(one).subject}" for one in found]
            text = self._texts.render(
                "model_alerts_digest",
                locale=self._to.locale,
                facts={"count": str(len(found)), "lines": "\n".join(lines)},
            )
            self._mail_in(uow, text)
            for alert in found:
                self._call_in(uow, alert)
            return len(found)

        return self._store.write(work)

    def list(self, actor: Actor, *, model: str | None = None) -> Sequence[ModelAlert]:
        """Return the newest alerts. Raises NotPermitted."""
        access.require(actor, "model_alerts.list")
        asked: dict[str, Any] = {} if model is None else {"model": model}
        return self._store.read(
            lambda uow: uow.model_alerts.list(
                order_by="id", descending=True, limit=LIST_MAX, **asked
            )
        )

    def _send_in(self, uow: UnitOfWork, alert: ModelAlert) -> None:
        self._mail_in(uow, self._words(alert))
        self._call_in(uow, alert)

    def _mail_in(self, uow: UnitOfWork, text: RenderedText) -> None:
        for address in self._to.mails:
            self._outbox.add_in(
                uow, kind=OutboxKind.MAIL, to=address, subject=text.subject, body=text.body
            )

    def _call_in(self, uow: UnitOfWork, alert: ModelAlert) -> None:
        body = json.dumps(
            {
                "id": alert.id,
                "event": f"model.{alert.kind}",
                "at_utc": alert.at_utc.isoformat(),
                "model": alert.model,
                "version": alert.version,
                "facts": alert.facts,
                "text": self._words(alert).subject,
            },
            ensure_ascii=False,
        )
        for url in self._to.webhooks:
            self._outbox.add_in(
                uow, kind=OutboxKind.WEBHOOK, to=url, subject=f"model.{alert.kind}", body=body
            )

    def _words(self, alert: ModelAlert) -> RenderedText:
        about = {"model": alert.model, "version": alert.version or "-", "id": alert.id}
        at = f"{alert.at_utc:%Y-%m-%d %H:%M} UTC"
        return self._texts.render(
            f"model_alert_{alert.kind}",
            locale=self._to.locale,
            facts={**alert.facts, **about, "at": at},
        )
