"""Coming back, changing one's mind, and what time does to an application."""

import pytest

from bank.domain.actors import SYSTEM
from bank.domain.applications import ApplicationState
from bank.domain.errors import Conflict, InvalidInput, LinkInvalid, NotFound
from bank.domain.findings import Breakdown, Finding, Weight
from bank.domain.identity_jobs import ATTEMPTS_MOST, JobKind
from bank.domain.outbox import OutboxKind
from bank.storage.database import open_store
from tests.bank.onboarding.branch import Applicant, finding, verdict
from tests.bank.people.world import World

DAY_S = 86_400
DOUBTFUL = verdict(outcome="needs_review", findings=[finding("faces_unsure")])
BLURRED = Finding("blurred", Breakdown.IMAGE_INTEGRITY, Weight.RETRY, "It is blurred.")


def decide(world, actor, case_id, outcome, reason_code):
    world.bank.cases.claim(actor, case_id)
    return world.bank.kyc.decide(actor, case_id, outcome=outcome, reason_code=reason_code)


@pytest.fixture
def kim(world):
    return world.staff("kim", roles=("kyc",))


def by_phone(applicant: Applicant) -> Applicant:
    applicant.tells(phone="+351 912 345 678")
    applicant.onboarding.send_code(applicant.actor, via="phone")
    applicant.onboarding.confirm_code(applicant.actor, applicant.code())
    return applicant


# --- coming back ---


def test_given_a_phone_that_was_confirmed_then_no_link_goes_to_the_mailbox_that_was_not(ana):
    by_phone(ana)

    assert ana.onboarding.resume_link(ana.actor).startswith("•••")

    [item] = [one for one, body in ana.world.sent() if "/onboarding/resume" in body]
    assert item.kind is OutboxKind.SMS


def test_given_a_confirmed_phone_then_the_welcome_goes_there_too(ana):
    by_phone(ana).shows().submits().is_judged()

    [item] = [one for one, body in ana.world.sent() if "/onboarding/resume" in body]
    assert item.kind is OutboxKind.SMS


def test_given_something_begun_in_the_new_chat_when_resumed_then_the_older_one_goes_on(ana, world):
    ana.tells().confirms()
    ana.onboarding.resume_link(ana.actor)
    world.clock.pass_s(60)
    other = Applicant.arrives(world)
    begun = other.onboarding.start(other.actor)

    moved = ana.onboarding.resume(ana.link(), other.actor.conversation_id)

    assert other.application.id == moved.id
    ended = world.store.read(lambda uow: uow.applications.get(begun.id))
    assert ended.state is ApplicationState.WITHDRAWN


def test_given_an_application_under_review_in_the_new_chat_when_resumed_then_refused(ana, world):
    ana.tells().confirms()
    ana.onboarding.resume_link(ana.actor)
    token = ana.link()
    other = Applicant.arrives(world, "2").applies(DOUBTFUL, email="o@example.org", surname="Other")

    with pytest.raises(LinkInvalid):
        ana.onboarding.resume(token, other.actor.conversation_id)

    assert ana.onboarding.resume(token, "cv_elsewhere").id  # the link was not spent


def test_given_a_rejection_when_they_return_in_the_same_chat_then_the_same_pictures_do(ana, kim):
    ana.applies(DOUBTFUL)
    first = ana.application
    decide(ana.world, kim, ana.case_id(), "reject", "other_person")
    ana.world.clock.pass_s(60)

    ana.tells().confirms().shows()

    assert ana.application.id != first.id
    assert set(ana.application.pictures.values()).isdisjoint(first.pictures.values())


def test_given_an_applicant_who_gave_up_when_they_return_then_their_pictures_are_no_twins(ana):
    ana.tells().confirms().shows()
    ana.onboarding.withdraw(ana.actor)
    again = Applicant.arrives(ana.world)

    assert again.applies().application.state is ApplicationState.APPROVED


def test_given_somebody_elses_pictures_then_a_person_looks(ana):
    ana.tells().confirms().shows()
    ana.onboarding.withdraw(ana.actor)
    other = Applicant.arrives(ana.world)

    other.applies(surname="Other", email="o@example.org")

    assert other.application.state is ApplicationState.IN_REVIEW


def test_given_a_picture_of_another_conversation_then_it_cannot_be_attached(ana, world):
    kept = world.bank.evidence.keep(
        "cv_other", "selfie", b"x", width=1, height=1, sha256="x"
    )
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")

    with pytest.raises(NotFound):
        ana.onboarding.attach(ana.actor, kept.id)


# --- another mind ---


def test_given_consent_to_faces_taken_back_then_the_pictures_of_the_face_are_erased(ana):
    ana.tells().confirms().shows()
    pictures = ana.application.pictures

    ana.onboarding.choose_path(ana.actor, biometrics=False)
    ana.world.bank.evidence.erase_due()

    assert set(ana.application.pictures) == {"document_front"}
    for kind in ("selfie", "liveness"):
        with pytest.raises(NotFound):
            ana.world.bank.evidence.open(SYSTEM, pictures[kind])
    assert ana.world.bank.evidence.open(SYSTEM, pictures["document_front"])


# --- people decide ---


def test_given_no_biometrics_then_only_somebody_who_saw_the_applicant_approves(ana, kim):
    ana.tells().confirms()
    ana.onboarding.choose_path(ana.actor, biometrics=False)
    ana.submits()

    view = ana.world.bank.kyc.case_view(kim, ana.case_id())
    with pytest.raises(InvalidInput):
        decide(ana.world, kim, ana.case_id(), "approve", "identity_confirmed")

    assert view.reasons["approve"] == ("seen_in_person", "seen_by_video")


def test_given_no_biometrics_then_twins_are_looked_for_too(ana, world, kim):
    ana.applies(DOUBTFUL)
    decide(world, kim, ana.case_id(), "reject", "document_altered")
    again = Applicant.arrives(world, "2").tells().confirms()
    again.onboarding.choose_path(again.actor, biometrics=False)

    again.submits()

    view = world.bank.kyc.case_view(kim, again.case_id())
    assert "returned_after_rejection" in {one["code"] for one in view.verdict["findings"]}


def test_given_no_live_face_and_nobody_who_saw_them_then_the_basic_tier(ana, kim):
    ana.applies(DOUBTFUL | {"scores": {}})

    decide(ana.world, kim, ana.case_id(), "approve", "difference_explained")

    assert ana.onboarding.set_credentials(ana.actor, "ana", "correct horse battery").kyc_tier == 1


def test_given_a_twin_who_appears_during_the_review_then_the_approval_waits_for_a_look(
    ana, world, kim
):
    ana.applies(DOUBTFUL)
    other = Applicant.arrives(world, "2").applies(DOUBTFUL | {"fields": {"number": "X2"}})
    decide(world, kim, ana.case_id(), "approve", "identity_confirmed")

    with pytest.raises(Conflict):
        decide(world, kim, other.case_id(), "approve", "identity_confirmed")

    view = world.bank.kyc.case_view(kim, other.case_id())
    codes = {one["code"] for one in view.verdict["findings"]}
    assert {"duplicate_person", "duplicate_email", "faces_unsure"} <= codes
    after = decide(world, kim, other.case_id(), "approve", "difference_explained")
    assert after.state is ApplicationState.APPROVED


def test_given_news_after_a_first_approval_then_that_word_is_void(ana, world, kim):
    grave = DOUBTFUL | {"risk": "edd", "four_eyes": True, "fields": {"number": "X2"}}
    lee = world.staff("lee", roles=("kyc",))
    ana.applies(DOUBTFUL)
    other = Applicant.arrives(world, "2").applies(grave)
    decide(world, kim, other.case_id(), "approve", "identity_confirmed")
    decide(world, kim, ana.case_id(), "approve", "identity_confirmed")

    view = world.bank.kyc.case_view(lee, other.case_id())
    after = decide(world, lee, other.case_id(), "approve", "identity_confirmed")

    assert not view.waits_for_second
    assert after.state is ApplicationState.IN_REVIEW


def test_given_a_customer_of_this_name_and_birth_date_who_never_applied_then_they_are_found(ana):
    ana.world.bank.customers.create(
        SYSTEM, login_name="old", full_name="ana maria  Silva Costa", email="old@example.org",
        phone="", birth_date="1990-05-03",
    )  # fmt: skip

    ana.applies()

    assert ana.application.state is ApplicationState.IN_REVIEW


# --- judges that die ---


def test_given_a_judge_killed_every_time_then_people_look_and_the_applicant_hears_it(ana, kim):
    ana.tells().confirms().shows().submits()
    jobs = ana.world.bank.identity_jobs
    for _ in range(4 * (ATTEMPTS_MOST + 1)):
        jobs.take()
        ana.world.clock.pass_s(61)
    assert jobs.take() is None
    assert ana.application.state is ApplicationState.CHECKING

    assert ana.world.bank.unfinished.rescue_due() == 1

    assert ana.application.state is ApplicationState.IN_REVIEW
    assert ana.application.four_eyes
    view = ana.world.bank.kyc.case_view(kim, ana.case_id())
    assert view.verdict["reasons"][0]["code"] == "checks_failed"
    assert [one for one in jobs.untold() if one.kind is JobKind.DECIDE]
    assert ana.world.bank.unfinished.rescue_due() == 0


def test_given_a_verdict_that_can_still_come_then_nothing_is_rescued(ana):
    ana.tells().confirms().shows().submits()
    ana.world.bank.identity_jobs.take()

    assert ana.world.bank.unfinished.rescue_due() == 0


def test_given_a_verdict_that_asks_for_nothing_in_particular_then_a_person_looks(ana):
    ana.applies(verdict(outcome="needs_retry", findings=[]))

    assert ana.application.state is ApplicationState.IN_REVIEW


def test_given_a_poor_picture_looked_at_after_submitting_then_nothing_is_asked_again(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")
    job = ana.sends("document_front")
    ana.sends("selfie")
    ana.sends("liveness")
    ana.submits()

    ana.world.bank.verdicts.record_look(job.id, [BLURRED])

    assert ana.world.bank.identity_jobs.result(SYSTEM, job.id)["outcome"] == "ok"


# --- time ---


def test_given_a_review_that_takes_long_then_its_pictures_are_still_there(ana):
    ana.applies(DOUBTFUL)
    ana.world.clock.pass_s(45 * DAY_S)

    ana.onboarding.expire_due()
    ana.world.bank.evidence.erase_due()

    assert ana.world.bank.evidence.open(SYSTEM, ana.application.pictures["selfie"])


def test_given_a_request_on_the_last_day_then_there_is_time_to_answer_it(ana, kim):
    ana.applies(DOUBTFUL)
    ana.world.clock.pass_s(29 * DAY_S)
    decide(ana.world, kim, ana.case_id(), "ask_again", "selfie_unclear")
    ana.world.clock.pass_s(10 * DAY_S)

    ana.onboarding.expire_due()
    ana.world.bank.evidence.erase_due()

    ana.sends("selfie", b"better")
    assert ana.onboarding.missing(ana.actor) == ()
    assert ana.world.bank.evidence.open(SYSTEM, ana.application.pictures["document_front"])


def test_given_an_application_given_up_then_what_was_told_is_forgotten(ana):
    ana.tells().confirms()
    held = ana.application
    ana.onboarding.withdraw(ana.actor)
    ana.world.clock.pass_s(2 * DAY_S)

    assert ana.world.bank.unfinished.forget_due() == 1
    assert ana.world.bank.unfinished.forget_due() == 0

    after = ana.world.store.read(lambda uow: uow.applications.get(held.id))
    book = ana.onboarding.book
    assert book.details(after) == {}
    assert (after.email_digest, after.person_digest, after.verdict_enc) == (None, None, None)


def test_given_a_rejection_then_it_is_remembered_as_long_as_its_pictures(ana, kim):
    ana.applies(DOUBTFUL)
    decide(ana.world, kim, ana.case_id(), "reject", "other_person")

    ana.world.clock.pass_s(364 * DAY_S)
    assert ana.world.bank.unfinished.forget_due() == 0
    ana.world.clock.pass_s(2 * DAY_S)
    assert ana.world.bank.unfinished.forget_due() == 1


def test_given_jobs_and_links_of_long_ago_then_they_are_removed_and_the_untold_stay(ana):
    ana.applies()
    jobs = ana.world.bank.identity_jobs
    told = jobs.untold()[0]
    jobs.mark_told(told.id)
    ana.world.clock.pass_s(15 * DAY_S)

    assert ana.world.bank.unfinished.tidy_due() == 2

    assert told.id not in {one.id for one in jobs.untold()}
    assert jobs.untold()


# --- the real database ---


def test_given_the_database_then_the_whole_way_leads_to_the_same_account(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'bank.db'}", create=True)
    try:
        world = World(store=store)
        ana = Applicant.arrives(world).applies()
        eve = Applicant.arrives(world, "2").applies(DOUBTFUL, email="e@example.org", surname="Eve")
        kim = world.staff("kim", roles=("kyc",))
        decide(world, kim, eve.case_id(), "reject", "other_person")
        world.clock.pass_s(400 * DAY_S)

        assert world.bank.unfinished.forget_due() == 1
        assert world.bank.evidence.erase_due() > 0
        assert world.bank.unfinished.rescue_due() == 0
        assert ana.onboarding.set_credentials(ana.actor, "ana", "correct horse battery").id
    finally:
        store.close()
