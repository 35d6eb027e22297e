"""What happened to a model, told to the house: from results of this house to alerts of the bank.

    Watched  ──act?──────────▶ drift                 the columns that moved most, never a value
    Retrained ─candidate─────▶ retraining_proposed   the measure of both, on the same hold-out
              └refused───────▶ retraining_refused    and why
    Promotion ─carried out───▶ promoted | rolled_back

How soon and to whom: bank/policies/model_alerts.toml and the settings. What is told is done
already, so an alert that cannot be written is logged and undoes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from analytics.drift import Level, Watched
from analytics.retraining import Outcome, Retrained
from bank.domain.actors import SYSTEM
from bank.domain.errors import BankError
from bank.domain.model_alerts import ModelAlert, ModelAlertKind
from bank.domain.promotions import Promotion, PromotionAct
from bank.services.model_alerts import ModelAlerts

COLUMNS_SHOWN = 5

log = structlog.get_logger("analytics.alerts")


def tell_drift(
    alerts: ModelAlerts, *, model: str, version: str, watched: Watched
) -> ModelAlert | None:
    """Tell that a window has drifted, if it is time to act. `version`: the one that serves."""
    if watched.verdict is not Level.ACT:
        return None
    moved = [one.about for one in watched.findings if one.alarms and one.level is Level.ACT]
    shown = list(dict.fromkeys(moved))[:COLUMNS_SHOWN]
    facts = {"features": ", ".join(shown)}
    index = watched.value("score", "psi")
    if index is not None:
        facts["score_psi"] = f"{index:.3f}"
    return _tell(alerts, ModelAlertKind.DRIFT, model, version, facts)


def tell_retrained(
    alerts: ModelAlerts, *, model: str, champion: str, retrained: Retrained
) -> ModelAlert | None:
    """Tell what came of a retraining; nothing was trained: nothing is told."""
    compared = retrained.comparison
    if retrained.outcome is Outcome.STEADY or compared is None:
        return None
    facts = {
        "before": champion,
        "figure": compared.by,
        "champion": f"{compared.champion[compared.by]:.4f}",
        "challenger": f"{compared.figures[compared.by].value:.4f}",
    }
    if retrained.outcome is Outcome.REFUSED:
        facts["reasons"] = " ".join(compared.refusals)
        kind = ModelAlertKind.RETRAINING_REFUSED
    else:
        kind = ModelAlertKind.RETRAINING_PROPOSED
    return _tell(alerts, kind, model, retrained.version or "", facts)


def tell_swapped(alerts: ModelAlerts, promotion: Promotion | None) -> ModelAlert | None:
    """Tell that another version serves, if the swap was made."""
    if promotion is None or promotion.carried_out_at_utc is None:
        return None
    is_back = promotion.act is PromotionAct.ROLLBACK
    kind = ModelAlertKind.ROLLED_BACK if is_back else ModelAlertKind.PROMOTED
    facts = {
        "before": promotion.from_version or "nothing",
        "promotion_id": promotion.id,
        "reasons": promotion.reason,
    }
    return _tell(alerts, kind, promotion.model, promotion.to_version, facts)


def _tell(
    alerts: ModelAlerts, kind: ModelAlertKind, model: str, version: str, facts: Mapping[str, str]
) -> ModelAlert | None:
    try:
        return alerts.tell(SYSTEM, kind, model=model, version=version, facts=facts)
    except BankError as refusal:
        log.exception("alert.not_told", kind=str(kind), model=model, code=refusal.code)
        return None
