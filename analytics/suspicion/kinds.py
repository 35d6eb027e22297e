"""What may be noticed in a line, and how much it weighs: one sentence a kind, for staff.

strong       the story of a scam itself, or a person under force
supporting   a mark of many scams; beside a story it makes it surer
attack       aimed at another account, at staff or at the assistant
care         a person who needs a gentler way; never a suspicion
report       somebody tells of a scam: help, and a case of its own
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

STRONG, SUPPORTING, ATTACK, CARE, REPORT = "strong", "supporting", "attack", "care", "report"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that may be noticed. `sentence` completes what staff read beside a line.

    is_scam: the customer may be the victim of a scam that is going on.
    """

    name: str
    weight: str
    sentence: str

    @property
    def is_scam(self) -> bool:
        return self.weight in (STRONG, SUPPORTING)

    @property
    def is_suspicion(self) -> bool:
        """False for people who need care, and for those who report a scam."""
        return self.weight in (STRONG, SUPPORTING, ATTACK)


_ALL = (
    Kind("safe_account", STRONG, "Is told to move money into a 'safe' account."),
    Kind("urgency", SUPPORTING, "Somebody else presses for time."),
    Kind("secrecy", SUPPORTING, "Is told to keep a payment secret from family or bank."),
    Kind("coaching", STRONG, "Is told what to say or press while it happens."),
    Kind("remote_access", STRONG, "Somebody else sees or steers the customer's device."),
    Kind("romance", STRONG, "Money for a person who is only known online."),
    Kind("investment", STRONG, "Certain profits, or a fee before money is paid out."),
    Kind("invoice_change", STRONG, "A message asks to pay to other bank details than before."),
    Kind("coercion", STRONG, "Is forced, threatened or blackmailed."),
    Kind("credential_bait", STRONG, "Is asked for, or gave away, a PIN, code or password."),
    Kind("mule_recruiting", STRONG, "Is paid to let money pass through the account."),
    Kind("account_takeover", ATTACK, "Tries ways into an account, or around its checks."),
    Kind("staff_social_engineering", ATTACK, "Speaks as staff or authority to be let through."),
    Kind("prompt_injection", ATTACK, "Gives the assistant orders to break its rules."),
    Kind("abuse", ATTACK, "Insults or threatens."),
    Kind("reports_scam", REPORT, "Tells of a scam, or asks how to report one."),
    Kind("bereavement", CARE, "Somebody close has died."),
    Kind("illness", CARE, "Is ill, or cares for somebody who is."),
    Kind("debt_distress", CARE, "Cannot pay, or is in fear of debts."),
    Kind("confusion", CARE, "Is lost, or does not remember."),
    Kind("self_harm", CARE, "Speaks of ending their life or hurting themselves."),
)

#: By name, in the order of a model's columns.
KINDS = MappingProxyType({kind.name: kind for kind in _ALL})
NAMES = tuple(KINDS)
