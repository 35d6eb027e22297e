"""Every refusal the bank can explain.

    BankError
    ├── NotAuthenticated      401  ask the customer to log in
    │   ├── WrongCredentials       name or password (or code) does not fit; never says which
    │   ├── SessionExpired
    │   └── TotpRequired, TotpEnrolmentRequired   staff: the password fits, the code is missing
    ├── NotPermitted          403  the actor may not do this at all
    ├── NotFound              404  also returned for other people's records
    ├── InvalidInput          400  the value itself cannot be used
    │   ├── UnknownCurrency, CurrencyMismatch, InvalidAmount, InvalidIban, InvalidText
    ├── Conflict              409  somebody or something was quicker
    │   ├── AlreadyExists, IdempotencyMismatch, CaseNotOwned, CaseClosed,
    │   ├── NotSpeaker, ButtonUsed, ChatErased, SecondPersonNeeded
    │   └── OnboardingRefused      AlreadyCustomer, ApplicationMissing, ApplicationIncomplete,
    │                              ApplicationClosed, LinkInvalid
    ├── TransferRefused       409
    │   ├── InsufficientFunds, LimitExceeded, ProposalExpired, ProposalVoided
    │   ├── SameAccount, PayeeCoolingOff, AccountNotActive, PaymentPaused
    ├── ActPaused             409  not now: a colleague can help
    ├── StepUpRefused         403
    │   ├── StepUpRequired, WrongCode, CodeExpired, TooManyTries
    │   ├── FaceNotOffered, FaceNotAccepted
    ├── CardRefused           409  CardNotActive, CardAlreadyFrozen, CardNotFrozen
    ├── DisputeRefused        409  DisputeTooLate, DisputeAlreadyOpen
    ├── AdviceRefused, NothingSuitable   409  no recommendation, with the reasons
    ├── AnswersContradict     400  one of two answers is asked again
    ├── RateLimited           429
    ├── Blocked               403  this door is closed for a while
    └── Unavailable           503  DatabaseBusy, DiskFull, AssistantUnavailable,
                              AdviserUnavailable

A `BankError` is an expected answer, not a bug: entry points turn it into a bot
reply (`utter_<code>`) or an HTTP status. Anything else is a bug and must escape.
"""

from __future__ import annotations

from typing import Any, ClassVar


class BankError(Exception):
    """Base of all refusals. Never raised itself.

    `code` is stable: utterances, dashboards and tests key on it.
    `details` may be shown and logged, so it holds amounts and ids only;
    never names, full account numbers or documents.
    """

    code: ClassVar[str] = "bank_error"
    http_status: ClassVar[int] = 409

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details: dict[str, str] = {key: str(value) for key, value in details.items()}

    def __str__(self) -> str:
        told = ", ".join(f"{key}={value}" for key, value in self.details.items())
        return f"{self.code}({told})" if told else self.code


class NotAuthenticated(BankError):
    """Nobody is logged in, and this needs somebody."""

    code, http_status = "not_authenticated", 401


class WrongCredentials(NotAuthenticated):
    """Name, password or code does not fit; we never say which."""

    code = "wrong_credentials"


class SessionExpired(NotAuthenticated):
    """The session was valid once; log in again."""

    code = "session_expired"


class TotpRequired(NotAuthenticated):
    """The password fits; the six digits of the authenticator app are missing."""

    code = "totp_required"


class TotpEnrolmentRequired(NotAuthenticated):
    """The password fits; this member of staff has not set up an authenticator app yet."""

    code = "totp_enrolment"


class NotPermitted(BankError):
    """The actor may not do this (reasons are in the audit record)."""

    code, http_status = "not_permitted", 403


class NotFound(BankError):
    """No such record, or not the actor's: the two are never told apart."""

    code, http_status = "not_found", 404


class InvalidInput(BankError):
    """The value itself cannot be used; `details` names the field and what is allowed."""

    code, http_status = "invalid_input", 400


class UnknownCurrency(InvalidInput):
    """Not an ISO 4217 code the bank works with."""

    code = "unknown_currency"


class CurrencyMismatch(InvalidInput):
    """Two amounts of different currencies where one is needed."""

    code = "currency_mismatch"


class InvalidAmount(InvalidInput):
    """Zero, negative, too large, or more digits than the currency has."""

    code = "invalid_amount"


class InvalidIban(InvalidInput):
    """Wrong length, country or check digits (ISO 13616)."""

    code = "invalid_iban"


class InvalidText(InvalidInput):
    """Empty, too long, or with characters that cannot be stored."""

    code = "invalid_text"


class Conflict(BankError):
    """The record changed meanwhile; read again."""

    code = "conflict"


class AlreadyExists(Conflict):
    """A record with this identity is there already."""

    code = "already_exists"


class IdempotencyMismatch(Conflict):
    """The same idempotency key came with another body."""

    code = "idempotency_mismatch"


class CaseNotOwned(Conflict):
    """Somebody else holds this case."""

    code = "case_not_owned"


class CaseClosed(Conflict):
    """The case is resolved; reopen it first."""

    code = "case_closed"


class NotSpeaker(Conflict):
    """This side does not speak for the bank in the conversation now. Details: speaker."""

    code = "not_speaker"


class ButtonUsed(Conflict):
    """The button was pressed before, or belongs to a question that is over."""

    code = "button_used"


class ChatErased(Conflict):
    """The conversation's key is gone: nothing in it can be read or added to."""

    code = "chat_erased"


class SecondPersonNeeded(Conflict):
    """Approving this takes a second person, and this is the first."""

    code = "second_person_needed"


class OnboardingRefused(Conflict):
    """Base of the reasons for which an application does not go on."""

    code = "onboarding_refused"


class AlreadyCustomer(OnboardingRefused):
    """Somebody logged in asks to become a customer."""

    code = "already_customer"


class ApplicationMissing(OnboardingRefused):
    """No application is open in this conversation."""

    code = "application_missing"


class ApplicationIncomplete(OnboardingRefused):
    """Something is still to be given first. Details: missing."""

    code = "application_incomplete"


class ApplicationClosed(OnboardingRefused):
    """The application is being checked or is over: it cannot be changed now. Details: status."""

    code = "application_closed"


class LinkInvalid(OnboardingRefused):
    """The way back was used, is too old, or never was."""

    code = "link_invalid"


class TransferRefused(BankError):
    """Base of the reasons for which money does not move."""

    code = "transfer_refused"


class InsufficientFunds(TransferRefused):
    """The available balance is lower than the amount. Details: available, needed."""

    code = "insufficient_funds"


class LimitExceeded(TransferRefused):
    """Over the limit of the customer's KYC tier. Details: limit, headroom, period."""

    code = "limit_exceeded"


class ProposalExpired(TransferRefused):
    """Nobody confirmed within PROPOSAL_TTL_S."""

    code = "proposal_expired"


class ProposalVoided(TransferRefused):
    """The proposal was cancelled or replaced."""

    code = "proposal_voided"


class SameAccount(TransferRefused):
    """From and to are one account."""

    code = "same_account"


class PayeeCoolingOff(TransferRefused):
    """A new payee takes small amounts only on its first day. Details: limit, until_utc."""

    code = "payee_cooling_off"


class PaymentPaused(TransferRefused):
    """The bank asks for time before this payment, with a warning. Details: until_utc, story."""

    code = "payment_paused"


class AccountNotActive(TransferRefused):
    """The account is closed or restricted."""

    code = "account_not_active"


class ActPaused(BankError):
    """This cannot be done here now; a colleague can help. It is never said why."""

    code = "act_paused"


class StepUpRefused(BankError):
    """Base of the reasons for which a step-up does not count."""

    code, http_status = "step_up_refused", 403


class StepUpRequired(StepUpRefused):
    """This act asks for a one-time code or a passkey first. Details: challenge_id, sent_to."""

    code = "step_up_required"


class WrongCode(StepUpRefused):
    """Not the code we sent for this act. Details: tries_left."""

    code = "wrong_code"


class CodeExpired(StepUpRefused):
    """The code is older than its five minutes, or was used."""

    code = "code_expired"


class TooManyTries(StepUpRefused):
    """Five wrong codes: the challenge is closed; ask for a new one."""

    code = "too_many_tries"


class FaceNotOffered(StepUpRefused):
    """This act, bank or customer goes without a face: a code or a passkey it is."""

    code = "face_not_offered"


class FaceNotAccepted(StepUpRefused):
    """The recording does not prove this act. Details: challenge_id, tries_left."""

    code = "face_not_accepted"


class CardRefused(BankError):
    """Base of the reasons for which a card act is refused."""

    code = "card_refused"


class CardNotActive(CardRefused):
    """The card was replaced or closed."""

    code = "card_not_active"


class CardAlreadyFrozen(CardRefused):
    """Nothing to do: the card is frozen."""

    code = "card_already_frozen"


class CardNotFrozen(CardRefused):
    """Nothing to do: the card is not frozen."""

    code = "card_not_frozen"


class DisputeRefused(BankError):
    """Base of the reasons for which a posting cannot be disputed."""

    code = "dispute_refused"


class DisputeTooLate(DisputeRefused):
    """Past the deadline of its reason. Details: deadline_days."""

    code = "dispute_too_late"


class DisputeAlreadyOpen(DisputeRefused):
    """This posting is already disputed. Details: dispute_id."""

    code = "dispute_already_open"


class AdviceRefused(BankError):
    """No recommendation can be given now. Details: reasons, codes of suitability by commas."""

    code = "advice_refused"


class NothingSuitable(BankError):
    """Nothing on offer fits this person and this time. Details: reasons, the commonest first."""

    code = "nothing_suitable"


class AnswersContradict(BankError):
    """Two answers cannot both be meant. Details: question (asked again), other, why."""

    code, http_status = "answers_contradict", 400


class RateLimited(BankError):
    """Too many in a short time. Details: retry_after_s."""

    code, http_status = "rate_limited", 429


class Blocked(BankError):
    """This door is closed for a while from where the request comes. It is never said why."""

    code, http_status = "blocked", 403


class Unavailable(BankError):
    """Base of passing faults on our side: try again later, nothing was lost."""

    code, http_status = "unavailable", 503


class DatabaseBusy(Unavailable):
    """The database was locked longer than we wait."""

    code = "database_busy"


class DiskFull(Unavailable):
    """Nothing more can be written; nothing was written by halves."""

    code = "disk_full"


class AssistantUnavailable(Unavailable):
    """Rasa or the action server did not answer."""

    code = "assistant_unavailable"


class AdviserUnavailable(Unavailable):
    """There are no prices, or no model has learnt yet: advice has to wait."""

    code = "adviser_unavailable"
