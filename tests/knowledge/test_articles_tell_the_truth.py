"""What the bank's code knows, the articles say alike: each figure is read from its policy table.

    policy table ─▶ figure as it is written ─▶ phrase ─▶ stands in the article, word for word

Whoever changes a table is told here which articles have to be written anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from bank.domain.challenges import CODE_TRIES, CODE_TTL_S
from bank.domain.links import LINK_CODE_TTL_S
from bank.domain.notices import NOTICE_TTL_DAYS
from bank.domain.transfers import PROPOSAL_TTL_S, REFERENCE_MAX_CHARS
from bank.policies.tables import load_table
from bank.services.passkeys import REGISTRATION_TTL_S
from bank.services.payees import PAYEES_MAX_COUNT
from bank.services.sessions import DEFAULT_TTL_S
from bank.services.standing_orders import AHEAD_DAYS_MAX
from knowledge.article import valid_on
from knowledge.loading import load_folder

DAY = date(2026, 12, 1)
TEXTS = {
    one.id: " ".join(f"{section.heading}. {section.text}" for section in one.sections)
    for one in valid_on(load_folder().articles, DAY)
}
WORDS = {2: "two", 3: "three", 5: "five", 10: "ten", 14: "14", 30: "30"}


def money(minor: int, language: str = "en") -> str:
    """An amount as articles write it: 1,250.00 EUR, in Spanish 1.250,00 EUR."""
    text = f"{minor / 100:,.2f}"
    if language == "es":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} EUR"


def percent(value: Decimal | str, language: str = "en") -> str:
    text = f"{Decimal(value):.2f}"
    return f"{text.replace('.', ',') if language == 'es' else text} %"


def minutes(seconds: int) -> str:
    return f"{WORDS[seconds // 60]} minutes"


def fee(code: str, language: str = "en") -> str:
    """A fee as the price list has it; both parts where there are two."""
    one = next(row for row in load_table("products")["fees"] if row["code"] == code)
    parts = []
    if "amount_minor" in one:
        parts.append(money(one["amount_minor"], language))
    if "percent" in one:
        parts.append(percent(one["percent"], language))
    return (" más el " if language == "es" else " plus ").join(parts)


def rate(code: str, language: str = "en") -> str:
    one = next(row for row in load_table("products")["rates"] if row["code"] == code)
    return percent(one["percent"], language)


def fees() -> Iterator[tuple[str, str]]:
    yield "current-account", f"costs {fee('current_account')} a month"
    yield "savings-account", f"free: {fee('savings_account')} a month"
    yield "price-list", f"outside the SEPA area costs {fee('transfer_abroad')} of the amount"
    yield "payments-abroad", f"A transfer abroad costs {fee('transfer_abroad')}"
    yield "debit-card", f"free: {fee('debit_card')} a year"
    yield "credit-card", f"The credit card costs {fee('credit_card')} a year"
    yield "student-account", f"it costs {fee('credit_card')} a year like for others"
    for name in ("debit-card", "lost-card", "price-list", "credit-card", "business-cards"):
        yield name, f"costs {fee('card_replacement')}"
    for name in ("exchange-rates", "price-list", "card-abroad"):
        yield name, f"costs {fee('foreign_currency_payment')} of the amount"
    for name in ("price-list", "cash", "card-abroad"):
        yield name, fee("cash_withdrawal_abroad")
        yield name, fee("cash_withdrawal_elsewhere")
    yield "statements", f"A paper statement costs {fee('paper_statement')} each"
    yield "direct-debits", f"That costs {fee('returned_direct_debit')}"
    for code in ("transfer_abroad", "credit_card", "card_replacement", "paper_statement",
                 "returned_direct_debit", "cash_withdrawal_elsewhere", "cash_withdrawal_abroad",
                 "foreign_currency_payment"):  # fmt: skip
        yield "price-list", fee(code)
        yield "price-list-es", fee(code, "es")
    for code in ("transfer_sepa", "standing_order", "cash_withdrawal_own"):
        assert fee(code) == money(0), "the articles call it free"


def rates() -> Iterator[tuple[str, str]]:
    yield "savings-rates", f"the savings account pays {rate('savings')} a year"
    yield "savings-rates", f"12-month deposit earns {rate('savings_12_months_fixed')}"
    yield "savings-rates-es", f"paga el {rate('savings', 'es')}"
    yield "savings-rates-es", f"rinde el {rate('savings_12_months_fixed', 'es')}"
    yield "overdraft", f"Overdraft interest is {rate('overdraft')} a year"
    yield "business-payments", f"at {rate('overdraft')} a year"
    yield "mortgages", f"The rate for 10 years is {rate('mortgage_10_years_fixed')}"
    yield "mortgages", f"the one for 15 years {rate('mortgage_15_years_fixed')}"
    for name in ("exchange-rates", "payments-abroad", "business-fees"):
        margin = percent(load_table("fx")["margin_percent"])
        yield name, margin
    for one in load_table("products")["loans"]:
        for name, language in (("personal-loans", "en"), ("personal-loans-es", "es")):
            yield name, percent(one["rate_percent"], language)
            yield name, money(one["amount_min_minor"], language)
            yield name, money(one["amount_max_minor"], language)
            yield name, f" {one['months_min']} "
            yield name, f" {one['months_max']} m"


def limits() -> Iterator[tuple[str, str]]:
    table = load_table("limits")
    for tier in ("1", "2"):
        for name, language in (("transfer-limits", "en"), ("transfer-limits-es", "es")):
            yield name, money(table["transfer"][tier]["each_minor"], language)
            yield name, money(table["transfer"][tier]["day_minor"], language)
    yield "business-payments", money(table["transfer"]["2"]["each_minor"])
    yield "business-payments", money(table["transfer"]["2"]["day_minor"])
    low, high = table["card"]["day_min_minor"], table["card"]["day_max_minor"]
    yield "card-limits", f"between {money(low)} and {money(high)}"
    yield "debit-card", f"up to {money(high)} a day"
    yield "card-abroad", f"up to {table['card']['travel_days_max']} days"
    yield "card-abroad-es", f"hasta {table['card']['travel_days_max']} días"
    cooling = load_table("cooling_off")
    total, hours = cooling["total_eur_minor"], cooling["hours"]
    yield "payees", f"{money(total)} in all during the first {hours} hours"
    yield "transfer-limits", f"first {hours} hours after you added a payee, at most {money(total)}"
    yield "payees-es", f"{money(total, 'es')} en total durante las primeras {hours} horas"
    yield "business-payments", f"first day with {money(total)}"
    yield "payees", f"up to {PAYEES_MAX_COUNT} payees"
    yield "send-money", f"up to {REFERENCE_MAX_CHARS} letters"
    yield "standing-orders", f"up to {AHEAD_DAYS_MAX} days ahead"
    small = load_table("step_up")["small_transfer"]
    yield "payees", f"up to {money(small['each_eur_minor'])} to a payee"
    yield "payees", f"After {WORDS[small['in_a_row']]} of them in a row"
    yield "payees", f"come to {money(small['total_eur_minor'])} together"
    amount = load_table("suitability")["amount_minor"]
    yield "investing", f"from {money(amount['min'])} to {money(amount['max'])}"


def times() -> Iterator[tuple[str, str]]:
    yield "one-time-codes", f"works for {minutes(CODE_TTL_S)} and once"
    yield "one-time-codes", f"After {WORDS[CODE_TRIES]} wrong entries"
    yield "send-money", f"You have {minutes(PROPOSAL_TTL_S)} to confirm"
    yield "bills", f"You have {minutes(PROPOSAL_TTL_S)} for that"
    yield "messengers", f"good for {minutes(LINK_CODE_TTL_S)}"
    yield "passkeys", f"the offer lasts {minutes(REGISTRATION_TTL_S)}"
    yield "login-problems", f"nothing for {minutes(DEFAULT_TTL_S)}"
    yield "unusual-activity", f"open for {NOTICE_TTL_DAYS} days"
    attempts = load_table("attempts")
    wrong = attempts["login_name_address"]
    yield "login-problems", f"After {WORDS[wrong['limit']]} wrong passwords from the same place"
    yield "login-problems", f"closes for {wrong['window_s'] // 60} minutes"
    yield "messengers", f"After {WORDS[attempts['link_code']['limit']]} wrong codes"
    yield "one-time-codes", f"If {WORDS[attempts['step_up']['limit']]} requests in an hour"
    for name in ("paused-payments", "safe-account-scams"):
        yield name, f"{load_table('protection')['decisions']['pause_h']} hours"
    disputes = load_table("disputes")
    yield "disputes", f"within {disputes['answer_days']} days"
    reasons = disputes["reasons"]
    for name in ("disputes", "direct-debits", "disputes-es", "direct-debits-es"):
        yield name, str(reasons["unrecognised"]["deadline_days"])
        yield name, str(reasons["unwanted_direct_debit"]["deadline_days"])
    for name in ("disputes", "chargeback", "bills", "cash", "disputes-es"):
        yield name, f"{reasons['duplicate']['deadline_days']} d"
    assert len({one["deadline_days"] for one in reasons.values()}) == 3, "the articles name three"
    onboarding = load_table("onboarding")["application"]
    yield "opening-an-account", f"works for {onboarding['resume_link_days']} days"
    yield "opening-an-account", f"rests for {onboarding['expires_days']} days"
    yield "opening-an-account", f"need to be {onboarding['age_least_years']}"
    yield "identity-documents", f"try {WORDS[onboarding['looks_most']]} times"
    kept = load_table("onboarding")["evidence_days"]
    assert (kept["approved"], kept["rejected"], kept["withdrawn"]) == (5 * 365, 365, 1)
    yield "selfie-check", "a customer for five years"
    yield "selfie-check", "kept for one year"
    yield "selfie-check", "erased within a day"


def promises() -> Iterator[tuple[str, str]]:
    table = load_table("escalation")
    complaints = table["sla_minutes"]["complaints"]
    first = complaints[table["priority"]["complaint"]] // 1440
    yield "complaints", f"first reply within {first} days"
    yield "complaints", f"within {complaints['low'] // 1440} days"
    yield "staff-complaint-deadlines", f"high and are due within {first} days"
    yield "staff-complaint-deadlines", f"Medium ones are due within {complaints['medium'] // 1440}"
    chat = table["sla_minutes"]["chat"]
    yield "talking-to-a-person", f"fraud it is {WORDS[chat['urgent']]} minutes"
    yield "staff-vulnerable-customers", f"within {chat['urgent']} minutes"
    assert chat[table["priority"]["customer_asked"]] == 30, "the article says half an hour"
    yield "your-data-rights", f"within {table['sla_minutes']['privacy']['medium'] // 1440} days"
    contacting = load_table("contacting")
    cap, quiet = contacting["cap"], contacting["quiet"]
    yield "marketing-consent", f"at most {cap['sends_max']} such messages in {cap['window_days']}"
    yield "marketing-consent", f"between {quiet['from_hour']}:00 and {quiet['until_hour']}:00"
    assert quiet["weekdays"] == [6], "the article says Sundays"
    notices = load_table("notices")
    yield "notices", f"at least {notices['recurring_changed']['rise_min_pct']} %"
    yield "notices", f"the {notices['spending_path']['first_day']}th"
    yield "notices", f"{notices['spending_path']['above_usual_pct']} % higher"
    yield "card-expiry", f"{notices['card_expires']['days']} days before the card's last day"
    yield "personal-data", f"{load_table('articles')['questions']['keep_days']} days"
    suitability = load_table("suitability")
    yield "investor-profile", f"used for {suitability['profile_days_max']} days"
    shares = suitability["share_max_bp"]
    yield "investor-profile", f"at most {shares['single'] // 100} % of all"
    yield "investor-profile", f"theme fund at most {shares['theme_fund'] // 100} %"
    yield "investor-profile", f"equity fund at most {shares['equity_fund'] // 100} %"


FACTS = [*fees(), *rates(), *limits(), *times(), *promises()]


@pytest.mark.parametrize(("article_id", "phrase"), sorted(set(FACTS)))
def test_given_a_figure_of_a_policy_when_its_article_is_read_then_it_says_the_same(
    article_id: str, phrase: str
):
    assert phrase in TEXTS[article_id]


def test_given_the_branches_when_their_article_is_read_then_addresses_phones_and_hours_are_told():
    for article_id in ("branches-and-hours", "branches-and-hours-es"):
        text = TEXTS[article_id]
        for branch in load_table("products")["branches"]:
            assert branch["address"] in text
            assert branch["phone"] in text
            for span in filter(None, branch["hours"].values()):
                opens, closes = (one.removeprefix("0") for one in span.split("-"))
                between = "a" if article_id.endswith("-es") else "to"
                assert f"{opens} {between} {closes}" in text, (branch["code"], span)


def test_given_the_risk_classes_when_the_profile_is_read_then_each_time_has_its_own():
    counts = {1: "one year", 2: "two years", 4: "four years", 6: "six years"}
    counts |= {8: "eight years", 10: "ten years"}
    classes = load_table("suitability")["risk_class_max_by_horizon_years"]
    text = TEXTS["investor-profile"]

    assert f"under one year only class {classes['0']}" in text
    for years, words in counts.items():
        assert f"from {words} class {classes[str(years)]}" in text
