"""From hello to the first balance: what is asked, what is refused, what comes of it."""

from dataclasses import replace

import pytest

from bank.domain.actors import SYSTEM, a_customer
from bank.domain.applications import ApplicationState
from bank.domain.errors import (
    AlreadyCustomer,
    AlreadyExists,
    ApplicationClosed,
    ApplicationIncomplete,
    ApplicationMissing,
    BankError,
    CodeExpired,
    InvalidInput,
    LinkInvalid,
    NotFound,
    RateLimited,
    TooManyTries,
    WrongCode,
)
from bank.domain.findings import Breakdown, Finding, Weight
from tests.bank.onboarding.branch import Applicant, elsewhere, finding, verdict

BLURRED = Finding("blurred", Breakdown.IMAGE_INTEGRITY, Weight.RETRY, "It is blurred.")


def test_given_a_visitor_who_gives_everything_when_approved_then_account_and_login_exist(ana):
    ana.applies()

    customer = ana.onboarding.set_credentials(ana.actor, "ana.silva", "correct horse battery")

    bank = ana.world.bank
    assert bank.logins.check("ana.silva", "correct horse battery", ip_hash="x").id == customer.id
    [account] = bank.accounts.list(a_customer(customer.id))
    assert (account.currency, account.posted_minor) == ("EUR", 0)
    assert (customer.kyc_tier, customer.country) == (2, "PT")
    assert customer.birth_date == "1990-05-03"


def test_given_nothing_told_then_everything_is_asked_in_its_order(ana):
    ana.onboarding.start(ana.actor)

    assert ana.onboarding.missing(ana.actor) == (
        "terms", "path", "given_names", "surname", "birth_date", "street", "postcode", "city",
        "country", "purpose", "email", "contact", "document_type",
    )  # fmt: skip


def test_given_an_id_card_then_both_sides_are_asked(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "id_card")

    ana.sends("document_front")

    assert ana.onboarding.missing(ana.actor) == ("document_back", "liveness")
    ana.sends("document_back")
    assert ana.onboarding.needed_picture(ana.actor) == "selfie"


def test_given_something_missing_when_submitted_then_the_refusal_names_it(ana):
    ana.tells()

    with pytest.raises(ApplicationIncomplete) as refusal:
        ana.onboarding.submit(ana.actor)

    assert refusal.value.details == {"missing": "contact"}


@pytest.mark.parametrize(
    ("name", "text", "because"),
    [
        ("birth_date", "03/05/1990", "ambiguous"),
        ("birth_date", "3 May 2015", "underage"),
        ("birth_date", "3 May 2035", "future"),
        ("birth_date", "31.02.1990", "no_such_day"),
        ("birth_date", "3 May 1850", "too_old"),
        ("birth_date", "yesterday", "format"),
        ("birth_date", "3.5.90", "year"),
        ("given_names", "4711", "letters"),
        ("country", "Atlantis", "unknown"),
        ("email", "ana at home", "format"),
        ("phone", "12", "format"),
        ("postcode", "here", "format"),
        ("street", "<b>", "format"),
    ],
)
def test_given_a_detail_that_cannot_be_when_told_then_field_and_cause_are_named(
    ana, name, text, because
):
    ana.onboarding.start(ana.actor)

    with pytest.raises(InvalidInput) as refusal:
        ana.onboarding.set_detail(ana.actor, name, text)

    assert refusal.value.details == {"field": name, "because": because}
    assert ana.onboarding.details(ana.actor) == {}


@pytest.mark.parametrize(
    "text", ["3 May 1990", "May 3rd, 1990", "03.05.1990", "1990-05-03", "3. Mai 1990",
             "3 de mayo de 1990", "born on the 3rd of May 1990", "5/31/1990"],
)  # fmt: skip
def test_given_a_date_in_many_forms_when_told_then_it_is_one_form(ana, text):
    ana.onboarding.start(ana.actor)

    ana.onboarding.set_detail(ana.actor, "birth_date", text)

    assert ana.onboarding.details(ana.actor)["birth_date"] in ("1990-05-03", "1990-05-31")


def test_given_a_correction_when_told_then_it_replaces_the_detail(ana):
    ana.tells()

    ana.onboarding.set_detail(ana.actor, "city", "Porto")

    assert ana.onboarding.details(ana.actor)["city"] == "Porto"


def test_given_another_address_when_told_then_it_has_to_be_confirmed_anew(ana):
    ana.tells().confirms()

    ana.onboarding.set_detail(ana.actor, "email", "other@example.org")

    assert "contact" in ana.onboarding.missing(ana.actor)


def test_given_a_wrong_code_five_times_then_a_new_one_is_needed(ana):
    ana.tells()
    ana.onboarding.send_code(ana.actor)

    for _ in range(4):
        with pytest.raises(WrongCode):
            ana.onboarding.confirm_code(ana.actor, "000000x")
    with pytest.raises(TooManyTries):
        ana.onboarding.confirm_code(ana.actor, "000000x")
    with pytest.raises(TooManyTries):
        ana.onboarding.confirm_code(ana.actor, ana.code())


def test_given_an_old_code_then_it_confirms_nothing(ana):
    ana.tells()
    ana.onboarding.send_code(ana.actor)
    ana.world.clock.pass_s(601)

    assert not ana.onboarding.pending_code(ana.actor)
    with pytest.raises(CodeExpired):
        ana.onboarding.confirm_code(ana.actor, ana.code())


def test_given_codes_asked_for_again_and_again_then_the_mailbox_is_not_flooded(ana):
    ana.tells()
    for _ in range(5):
        ana.onboarding.send_code(ana.actor)

    with pytest.raises(RateLimited):
        ana.onboarding.send_code(ana.actor)


def test_given_a_customer_when_they_apply_then_they_are_told_they_are_one(world):
    with pytest.raises(AlreadyCustomer):
        world.bank.onboarding.start(a_customer(world.customer().id))


def test_given_another_conversation_then_the_application_does_not_exist_there(ana):
    ana.tells()
    other = Applicant.arrives(ana.world)

    assert other.onboarding.current(other.actor) is None
    with pytest.raises(ApplicationMissing):
        other.onboarding.details(other.actor)


def test_given_a_poor_picture_when_looked_at_then_it_is_asked_again(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")
    job = ana.sends("document_front")

    ana.world.bank.verdicts.record_look(job.id, [BLURRED])

    assert ana.onboarding.needed_picture(ana.actor) == "document_front"
    told = ana.world.bank.identity_jobs.result(SYSTEM, job.id)
    assert (told["outcome"], told["codes"]) == ("retry", ["blurred"])


def test_given_poor_pictures_again_and_again_then_the_newest_is_taken_as_it_is(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")

    for number in range(4):
        job = ana.sends("document_front", f"picture {number}".encode())
        ana.world.bank.verdicts.record_look(job.id, [BLURRED])

    assert ana.onboarding.needed_picture(ana.actor) == "selfie"


def test_given_the_same_picture_twice_then_it_is_kept_once(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")

    first, second = ana.sends("selfie"), ana.sends("selfie")

    assert first.evidence_ids == second.evidence_ids


def test_given_a_picture_of_somebody_elses_then_it_cannot_be_attached(ana):
    ana.applies()
    mallory = Applicant.arrives(ana.world).tells(email="m@example.org").confirms()
    mallory.onboarding.choose_document(mallory.actor, "passport")

    with pytest.raises(NotFound):
        mallory.onboarding.attach(mallory.actor, ana.application.pictures["selfie"])


def test_given_a_verdict_that_asks_again_then_the_named_picture_is_asked(ana):
    ana.applies(
        verdict(outcome="needs_retry", findings=[finding("glare", "retry", "document_front")])
    )

    assert ana.application.state is ApplicationState.COLLECTING
    assert ana.application.retry == ("glare@document_front",)
    assert ana.onboarding.missing(ana.actor) == ("document_front",)


def test_given_verdicts_that_ask_again_for_ever_then_a_person_looks(ana):
    again = verdict(outcome="needs_retry", findings=[finding("glare", "retry", "document_front")])
    ana.applies(again)

    for number in range(3):
        ana.sends("document_front", f"try {number}".encode())
        ana.submits().is_judged(again)

    assert ana.application.state is ApplicationState.IN_REVIEW


def test_given_a_detail_changed_after_submitting_then_it_is_refused(ana):
    ana.tells().confirms().shows().submits()

    with pytest.raises(ApplicationClosed):
        ana.onboarding.set_detail(ana.actor, "city", "Porto")


def test_given_a_verdict_about_older_pictures_then_it_is_not_believed(ana):
    ana.tells().confirms().shows().submits()
    jobs = ana.world.bank.identity_jobs
    while (job := jobs.take()) and job.set_digest == "":
        jobs.finish(job.id, {})
    newer = replace(ana.application, set_digest="newer")
    ana.world.store.write(lambda uow: uow.applications.save(newer))

    ana.world.bank.verdicts.record_verdict(job.id, verdict())

    assert ana.application.state is ApplicationState.CHECKING


def test_given_a_verdict_twice_then_there_is_one_customer(ana):
    ana.tells().confirms().shows().submits()
    jobs, verdicts = ana.world.bank.identity_jobs, ana.world.bank.verdicts
    while (job := jobs.take()) and job.set_digest == "":
        jobs.finish(job.id, {})

    verdicts.record_verdict(job.id, verdict())
    verdicts.record_verdict(job.id, verdict())

    assert ana.world.store.read(lambda uow: uow.customers.count()) == 1


def test_given_a_picture_that_kills_its_judge_then_a_person_looks(ana):
    ana.tells().confirms().shows().submits()
    jobs = ana.world.bank.identity_jobs
    while job := jobs.take():
        if job.set_digest:
            break
        jobs.finish(job.id, {})

    ana.world.bank.verdicts.record_failure(job.id)

    assert ana.application.state is ApplicationState.IN_REVIEW


@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"email": "b@example.org", "surname": "Other"}, {}, "duplicate_document"),
        ({"email": "b@example.org"}, {"number": "X2"}, "duplicate_person"),
        ({"surname": "Other"}, {"number": "X2"}, "duplicate_email"),
    ],
)
def test_given_something_known_under_another_name_then_a_person_looks(ana, changes, said, code):
    ana.applies()
    again = Applicant.arrives(ana.world, salt="2")

    again.applies(verdict(fields={"issuer": "UTO", "number": "L898902C3"} | said), **changes)

    assert again.application.state is ApplicationState.IN_REVIEW
    case = ana.world.store.read(lambda uow: uow.cases.get(again.application.case_id))
    assert case.reason_code == code


def test_given_a_link_when_followed_elsewhere_then_the_application_goes_on_there(ana):
    ana.tells().confirms()
    assert ana.onboarding.resume_link(ana.actor) == "a•••@example.org"
    token, other = ana.link(), Applicant.arrives(ana.world)

    moved = ana.onboarding.resume(token, other.actor.conversation_id)

    assert other.application.id == moved.id
    assert ana.onboarding.current(ana.actor) is None
    with pytest.raises(LinkInvalid):
        ana.onboarding.resume(token, elsewhere("cv_third").conversation_id)


def test_given_an_unconfirmed_address_then_no_link_is_mailed_to_it(ana):
    ana.tells()

    with pytest.raises(ApplicationIncomplete):
        ana.onboarding.resume_link(ana.actor)


def test_given_an_application_nobody_comes_back_to_then_it_ends_and_its_pictures_go(ana):
    ana.tells().confirms().shows()
    evidence_id = ana.application.pictures["selfie"]
    ana.world.clock.pass_s(31 * 86_400)

    ana.onboarding.expire_due()
    ana.world.clock.pass_s(2 * 86_400)
    ana.world.bank.evidence.erase_due()

    assert ana.onboarding.status(ana.actor) == "closed"
    with pytest.raises(NotFound):
        ana.world.bank.evidence.open(SYSTEM, evidence_id)


def test_given_a_code_from_the_contact_when_set_anew_then_the_old_code_is_nothing(ana):
    ana.tells()
    ana.onboarding.send_code(ana.actor)
    code = ana.code()

    ana.onboarding.set_detail(ana.actor, "email", "other@example.org")

    assert not ana.onboarding.pending_code(ana.actor)
    with pytest.raises(BankError):
        ana.onboarding.confirm_code(ana.actor, code)


def test_given_a_name_somebody_has_when_chosen_then_another_may_be_chosen(ana):
    ana.world.customer("amal")
    ana.applies()

    with pytest.raises(AlreadyExists):
        ana.onboarding.set_credentials(ana.actor, "amal", "correct horse battery")

    assert ana.onboarding.set_credentials(ana.actor, "ana", "correct horse battery").id


def test_given_credentials_once_then_not_again(ana):
    ana.applies()
    ana.onboarding.set_credentials(ana.actor, "ana", "correct horse battery")

    with pytest.raises((ApplicationMissing, ApplicationClosed)):
        ana.onboarding.set_credentials(ana.actor, "ana2", "correct horse battery")


def test_given_the_database_then_no_personal_detail_is_readable_in_it(ana):
    ana.tells().confirms().shows()

    held = ana.world.store.read(
        lambda uow: repr([uow.applications.list(), uow.evidence.list(), uow.contact_codes.list()])
    )

    assert not any(word in held for word in ("Silva", "Lisboa", "1990", "example.org"))

