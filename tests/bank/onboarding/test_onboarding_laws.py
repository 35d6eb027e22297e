"""Whatever an applicant, the checks and staff do in whatever order: nobody slips through."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bank.domain.applications import ApplicationState
from bank.domain.errors import BankError
from tests.bank.onboarding.branch import DETAILS, Applicant, finding, verdict
from tests.bank.people.world import World

OUTCOMES = ("approved", "needs_review", "needs_retry", "rejected")


class Applications(RuleBasedStateMachine):
    """Acts that are refused are refused; what is checked is what comes of the others."""

    def __init__(self):
        super().__init__()
        self.world = World()
        self.ana = Applicant.arrives(self.world)
        self.desk = [self.world.staff(name, roles=("kyc",)) for name in ("kim", "lee")]
        self.good_words, self.approvers, self.number = 0, set(), 0
        self.ana.onboarding.start(self.ana.actor)

    def tries(self, act):
        try:
            return act()
        except BankError:
            return None

    @rule(given=st.booleans())
    def consents(self, given):
        self.tries(lambda: self.ana.onboarding.give_consent(self.ana.actor, terms=given))

    @rule(biometrics=st.booleans())
    def chooses(self, biometrics):
        self.tries(lambda: self.ana.onboarding.choose_path(self.ana.actor, biometrics=biometrics))

    @rule()
    def tells_all(self):
        for name, text in DETAILS.items():
            self.tries(lambda n=name, t=text: self.ana.onboarding.set_detail(self.ana.actor, n, t))

    @rule()
    def confirms(self):
        self.tries(self.ana.confirms)

    @rule(kind=st.sampled_from(["document_front", "selfie", "liveness"]))
    def sends(self, kind):
        self.number += 1
        self.tries(lambda: self.ana.onboarding.choose_document(self.ana.actor, "passport"))
        self.tries(lambda: self.ana.sends(kind, f"{kind}{self.number}".encode()))

    @rule()
    def submits(self):
        self.tries(self.ana.submits)

    @rule(outcome=st.sampled_from(OUTCOMES), four_eyes=st.booleans())
    def is_judged(self, outcome, four_eyes):
        waits = self.world.store.read(
            lambda uow: uow.applications.count(state=ApplicationState.CHECKING)
        )
        found = [finding("glare", "retry", "selfie")] if outcome == "needs_retry" else []
        self.ana.is_judged(verdict(outcome=outcome, four_eyes=four_eyes, findings=found))
        if waits and outcome == "approved":
            self.good_words += 1

    @rule(who=st.integers(0, 1), approve=st.booleans())
    def staff_decide(self, who, approve):
        actor, held = self.desk[who], self.ana.onboarding.current(self.ana.actor)
        if held is None or held.case_id is None:
            return
        word = ("approve", "identity_confirmed") if approve else ("ask_again", "selfie_unclear")
        bank = self.world.bank
        self.tries(lambda: bank.cases.claim(actor, held.case_id))
        after = self.tries(
            lambda: bank.kyc.decide(actor, held.case_id, outcome=word[0], reason_code=word[1])
        )
        if after is not None and approve:
            self.approvers.add(actor.id)
            if held.four_eyes and after.state is ApplicationState.APPROVED:
                assert len(self.approvers) == 2

    @invariant()
    def only_the_whole_way_leads_to_an_account(self):
        approved = self.world.store.read(
            lambda uow: uow.applications.list(state=ApplicationState.APPROVED)
        )
        customers = self.world.store.read(lambda uow: uow.customers.count())
        assert customers == len(approved)
        for one in approved:
            assert one.terms_at_utc is not None
            assert one.path in ("biometric", "person")
            assert one.contact_at_utc is not None
            assert self.good_words or self.approvers


Applications.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestApplications = Applications.TestCase
