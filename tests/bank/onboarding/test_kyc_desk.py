"""The KYC desk: who sees what, who may say what, and that one person is not two."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bank.domain.applications import ApplicationState
from bank.domain.errors import (
    ApplicationClosed,
    BankError,
    CaseNotOwned,
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
)
from tests.bank.onboarding.branch import Applicant, finding, verdict

DOUBTFUL = verdict(
    outcome="needs_review",
    reasons=[{"code": "faces_unsure", "text": "The faces are near the threshold."}],
    findings=[finding("faces_unsure")],
)
GRAVE = DOUBTFUL | {"risk": "edd", "four_eyes": True}


@pytest.fixture
def kim(world):
    return world.staff("kim", roles=("kyc",))


@pytest.fixture
def lee(world):
    return world.staff("lee", roles=("kyc",))


def decide(applicant, actor, outcome="approve", reason_code="identity_confirmed", **rest):
    bank = applicant.world.bank
    bank.cases.claim(actor, applicant.case_id())
    return bank.kyc.decide(
        actor, applicant.case_id(), outcome=outcome, reason_code=reason_code, **rest
    )


def test_given_a_doubtful_verdict_then_staff_see_everything_about_it(ana, kim):
    ana.applies(DOUBTFUL)

    view = ana.world.bank.kyc.case_view(kim, ana.case_id())

    assert view.details["surname"] == "Silva Costa"
    assert {one.kind for one in view.evidence} == {"document_front", "selfie", "liveness"}
    assert view.verdict["findings"][0]["code"] == "faces_unsure"
    assert "identity_confirmed" in view.reasons["approve"]


def test_given_a_member_of_staff_of_another_desk_then_nothing_is_shown(ana, world):
    ana.applies(DOUBTFUL)
    agent = world.staff("ida", roles=("agent",))

    with pytest.raises(NotPermitted):
        world.bank.kyc.case_view(agent, ana.case_id())
    with pytest.raises(NotFound):
        world.bank.evidence.open(agent, ana.application.pictures["selfie"])


def test_given_a_look_at_evidence_then_the_audit_says_who_looked(ana, world, kim):
    ana.applies(DOUBTFUL)

    world.bank.evidence.open(kim, ana.application.pictures["selfie"])

    entries = world.store.read(lambda uow: uow.audit.list())
    assert any(one.action == "evidence.read" and one.actor_id == kim.id for one in entries)


def test_given_an_approval_then_account_and_word_in_the_chat(ana, world, kim):
    ana.applies(DOUBTFUL)

    decide(ana, kim)

    assert ana.onboarding.status(ana.actor) == "approved"
    told = [one for one in world.bank.identity_jobs.untold() if one.kind == "decide"]
    assert len(told) == 1
    assert ana.onboarding.set_credentials(ana.actor, "ana", "correct horse battery").kyc_tier == 2


def test_given_a_rejection_then_the_applicant_hears_a_closed_word_and_may_return(ana, world, kim):
    ana.applies(DOUBTFUL)

    decide(ana, kim, "reject", "document_altered", note="Photo was replaced.")

    assert ana.onboarding.status(ana.actor) == "closed"
    heard = " ".join(body for _, body in world.sent())
    assert "altered" not in heard
    assert "replaced" not in heard
    assert ana.onboarding.start(ana.actor).state is ApplicationState.COLLECTING


def test_given_somebody_rejected_when_they_return_then_a_person_knows(ana, world, kim):
    ana.applies(DOUBTFUL)
    decide(ana, kim, "reject", "other_person")
    again = Applicant.arrives(world, salt="again")

    again.applies(verdict(fields={"issuer": "UTO", "number": "OTHER"}))

    assert again.application.state is ApplicationState.IN_REVIEW
    view = world.bank.kyc.case_view(kim, again.case_id())
    assert "returned_after_rejection" in {one["code"] for one in view.verdict["findings"]}


def test_given_a_request_for_a_picture_then_it_alone_is_asked_again(ana, world, kim):
    ana.applies(DOUBTFUL)

    decide(ana, kim, "ask_again", "selfie_unclear")

    assert ana.onboarding.missing(ana.actor) == ("selfie",)
    assert ana.onboarding.status(ana.actor) == "collecting"


def test_given_four_eyes_then_one_word_is_a_proposal_and_two_approve(ana, world, kim, lee):
    ana.applies(GRAVE)

    assert decide(ana, kim).state is ApplicationState.IN_REVIEW
    assert world.bank.kyc.case_view(lee, ana.case_id()).waits_for_second
    assert not world.bank.kyc.case_view(kim, ana.case_id()).viewer_may_approve
    assert decide(ana, lee).state is ApplicationState.APPROVED


def test_given_four_eyes_then_one_person_is_not_two(ana, kim):
    ana.applies(GRAVE)
    decide(ana, kim)

    with pytest.raises(SecondPersonNeeded):
        decide(ana, kim)

    assert ana.application.state is ApplicationState.IN_REVIEW


def test_given_evidence_changed_after_the_first_word_then_that_word_is_void(ana, world, kim, lee):
    ana.applies(GRAVE)
    decide(ana, kim)
    changed = replace(ana.application, set_digest="another set")
    world.store.write(lambda uow: uow.applications.save(changed))

    assert decide(ana, lee).state is ApplicationState.IN_REVIEW


@pytest.mark.parametrize(
    ("outcome", "reason"), [("approve", "because"), ("reject", ""), ("burn", "x"),
                            ("approve", "document_altered")],
)  # fmt: skip
def test_given_a_word_without_a_coded_reason_then_it_is_refused(ana, kim, outcome, reason):
    ana.applies(DOUBTFUL)

    with pytest.raises(InvalidInput):
        decide(ana, kim, outcome, reason)


def test_given_a_case_somebody_else_holds_then_nobody_else_decides_it(ana, world, kim, lee):
    ana.applies(DOUBTFUL)
    world.bank.cases.claim(kim, ana.case_id())

    with pytest.raises(CaseNotOwned):
        world.bank.kyc.decide(
            lee, ana.case_id(), outcome="approve", reason_code="identity_confirmed"
        )


def test_given_a_withdrawn_application_then_there_is_nothing_to_decide(ana, world, kim):
    ana.applies(DOUBTFUL)
    case_id = ana.case_id()
    ana.onboarding.withdraw(ana.actor)
    world.bank.cases.claim(kim, case_id)

    with pytest.raises(ApplicationClosed):
        world.bank.kyc.decide(
            kim, case_id, outcome="approve", reason_code="identity_confirmed"
        )


def test_given_many_who_approve_at_once_then_there_is_one_customer(ana, world):
    ana.applies(DOUBTFUL)
    desk = [world.staff(f"s{number}", roles=("kyc",)) for number in range(8)]

    def try_it(actor):
        try:
            decide(ana, actor)
        except BankError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, desk)) == 1
    assert world.store.read(lambda uow: uow.customers.count()) == 1


def test_given_the_path_without_biometrics_then_two_people_decide_and_no_face_is_asked(
    ana, world, kim, lee
):
    ana.tells().confirms()
    ana.onboarding.choose_path(ana.actor, biometrics=False)
    assert ana.onboarding.missing(ana.actor) == ()

    ana.submits().is_judged()

    assert decide(ana, kim, reason_code="seen_by_video").state is ApplicationState.IN_REVIEW
    assert decide(ana, lee, reason_code="seen_by_video").state is ApplicationState.APPROVED
    view = world.store.read(lambda uow: uow.applications.list())[0]
    assert view.customer_id is not None


def test_given_lists_that_were_not_searched_yet_then_nobody_approves(ana, kim):
    ana.tells().confirms()
    ana.onboarding.choose_path(ana.actor, biometrics=False)
    ana.submits()

    with pytest.raises(Conflict):
        decide(ana, kim, reason_code="seen_by_video")
