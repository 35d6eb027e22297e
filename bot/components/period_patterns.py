"""How dates and periods are said: one pattern a way of saying, over the line of meanings.

    LAST_N     the last 30 days · los últimos 30 días    "the last 30 days" · "los last 30 days"
    UNIT       last month · el mes pasado                "last month" · "el month last"
    AGO        two weeks ago · hace dos semanas

`lines.py` has put the words of both languages, and slips of typing, into one word each, so most
patterns serve both; where Spanish stands in another order it has its own line. Named groups carry
what `periods.py` reads: n (a count), d, d2 (days of a month), m, m2 (months), y, y2 (years),
w (weekday), u (unit), which.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.components.days import MONTHS, WEEKDAYS
from bot.components.lines import one_of, pattern
from bot.components.numerals import NUMBER_WORDS, ORDINALS

UNITS = {"hour": 1 / 24, "hours": 1 / 24, "day": 1, "days": 1, "week": 7, "weeks": 7,
         "fortnight": 14, "fortnights": 14, "weekend": 7, "weekends": 7, "month": 0, "months": 0,
         "quarter": 0, "quarters": 0, "half year": 0, "year": 0, "years": 0}  # fmt: skip
UNIT_MONTHS = {"month": 1, "months": 1, "quarter": 3, "quarters": 3, "half year": 6, "year": 12,
               "years": 12}  # fmt: skip
FIXED = {"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0, "day before yesterday": -2,
         "day after tomorrow": 2, "last night": -1, "this morning": 0, "this afternoon": 0,
         "this evening": 0, "manana": 1, "this manana": 0, "this tarde": 0, "this noche": 0,
         "last manana": 2, "antes de yesterday": -2}  # fmt: skip
#: Day and month of the holidays that fall on the same day each year.
HOLIDAYS = {
    "christmas": (25, 12), "christmas day": (25, 12), "christmas eve": (24, 12),
    "boxing day": (26, 12), "new year's eve": (31, 12), "new year's day": (1, 1),
}  # fmt: skip
DAY_ORDINALS = {word: number for word, number in ORDINALS.items() if number > 0}
#: "may", "mar", "sun" … are words too: they are dates only beside a preposition or a number.
_WORDS_TOO = frozenset({"may", "mar", "jan", "dec", "sep", "jun", "march", "mayo"})
_WEEKDAYS_TOO = frozenset({"sun", "sat", "mon", "wed", "fri"})

_WORD_N = one_of(NUMBER_WORDS)
_N = (
    rf"(?P<n>\d{{1,3}}|{_WORD_N}(?: (?:y )?{_WORD_N})?"
    r"|an?|(?:a )?couple(?: of)?|(?:a )?few|un par de)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_SUFFIX = r"(?: (?:st|nd|rd|th|º))?"
_ORDINAL = rf"(?:(?:twenty|thirty)(?: -)? )?{one_of(DAY_ORDINALS)}"
_YEAR = r"(?:19[89]\d|20\d\d)"
_MONTH = one_of(MONTHS)
_CLEAR_MONTH = one_of(set(MONTHS) - _WORDS_TOO)
_WEEKDAY = one_of(WEEKDAYS)
_UNIT = one_of(UNITS)
_ART = r"(?:the|el|la|los|las)"
_OF = r"(?:of|de|del|,)"
_WHICH = r"(?P<which>this|last|previous|past|next|coming|current)"
_PLAIN_UNIT = r"(?P<u>week|month|year|quarter|weekend|fin de week)"
_TO = r"(?:to|and|until|-|–|thru|through|al|a|y)"
_ONTO = one_of(
    "in during for since until of from to before after and about by en de del entre between "
    "durante para all whole spending statement".split()
)
#: "the 2nd card" is no day.
_THINGS = one_of(
    "card account payment one transaction option payee time person item line row floor loan "
    "order".split()
)
_OF_YEAR = (
    rf"(?: {_OF}? ?(?P<y>{_YEAR})| {_OF}? ?{_ART}? ?year (?P<lasty>last)| (?P<lasty2>last) year)?"
)

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("DATE", r"(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"),
    ("FIXED", (
        rf"(?<!la )(?:the )?(?P<day>{one_of(FIXED)})(?: "
        r"(?:morning|evening|night|afternoon|noon))?")),
    ("DAYS_OF_MONTH", (
        rf"(?:(?:from|between|since|del|de|desde) )?(?:{_ART} )?(?P<d>{_DAY}){_SUFFIX} {_TO} "
        rf"(?:{_ART} )?(?P<d2>{_DAY}){_SUFFIX}(?: {_OF})? (?P<m>{_MONTH}){_OF_YEAR}")),
    ("DAYS_OF_MONTH", rf"(?P<m>{_MONTH}) (?P<d>{_DAY}){_SUFFIX} {_TO} (?P<d2>{_DAY}){_SUFFIX}"),
    ("NTH_TO_NTH", (
        rf"(?:from|between|since) (?:{_ART} )?(?P<d>{_DAY}){_SUFFIX} {_TO} the "
        rf"(?P<d2>{_DAY}) (?:st|nd|rd|th)"
        rf"(?:(?: of)?(?: the)? {_WHICH} month)?")),
    ("NTH_TO_NTH", (
        rf"(?:del|desde el|since el|between el) (?:day )?(?P<d>{_DAY}) (?:al|y el|until el) "
        rf"(?:day )?(?P<d2>{_DAY})(?! [%€$£])(?: de(?: this|l)? (?:month))?")),
    ("DAY_MONTH", (
        rf"(?:{_ART} )?(?:day )?(?P<d>{_DAY}){_SUFFIX}(?: {_OF})? (?P<m>{_MONTH}){_OF_YEAR}")),
    ("DAY_MONTH", rf"(?:{_ART} )?(?P<do>{_ORDINAL}|uno) (?:of|de) (?P<m>{_MONTH}){_OF_YEAR}"),
    ("DAY_MONTH", rf"(?P<m>{_MONTH})(?: the)? (?P<d>{_DAY}){_SUFFIX}(?:(?: ,)? (?P<y>{_YEAR}))?"),
    ("DAY_MONTH", rf"(?P<m>{_MONTH}) the (?P<do>{_ORDINAL})"),
    ("SLASHED", (
        rf"(?:on|since|from|until|by|before|after|del|el|al) (?P<d>{_DAY}) / "
        r"(?P<m>0?[1-9]|1[0-2])")),
    ("MONTH", rf"(?P<m>{_CLEAR_MONTH}){_OF_YEAR}"),
    ("MONTH", r"(?<!i )(?<!we )(?<!to )(?<!they )(?<!you )(?P<m>march)"),
    ("MONTH", rf"(?P<m>{_MONTH}) {_OF}? ?(?P<y>{_YEAR})"),
    ("MONTH", rf"(?P<m>{_MONTH}) (?:{_OF} )?(?:{_ART} )?(?:year last|last year)(?P<lasty>)"),
    ("MONTH", rf"{_ONTO} (?:{_ART} )?(?:{_WHICH} )?(?P<m>{_MONTH}){_OF_YEAR}"),
    ("MONTH", rf"(?:{_ART} )?{_WHICH} (?P<m>{_MONTH})"),
    ("MONTH", rf"(?P<m>{_CLEAR_MONTH}) (?P<which>last)"),
    ("MONTH", rf"(?P<m>{_MONTH})(?= (?:and|or|&|y|,) {_MONTH} )"),
    ("MONTH_TO_MONTH", (
        rf"(?:from|between|de|since) (?P<m>{_MONTH}) {_TO} (?P<m2>{_MONTH}){_OF_YEAR}")),
    ("MONTH_TO_MONTH", (
        rf"(?P<m>{_MONTH}) (?:to|-|–|thru|through|until) (?P<m2>{_MONTH}){_OF_YEAR}")),
    ("THE_NTH", (
        rf"(?:on|since|from|until|by|the)(?: the)? (?P<d>{_DAY}) (?:st|nd|rd|th)(?! {_THINGS})")),
    ("THE_NTH", (
        rf"(?:el|since el|until el|al) (?:day )?(?P<d>{_DAY})(?! "
        r"(?:[%€$£]|/|de|del|euros?|eur|libras|pavos|por))(?= (?:[^\W\d]|[?.!,]|$))")),
    ("THE_NTH", rf"day (?P<d>{_DAY})(?! of)"),
    ("NTH_OF_MONTH", (
        rf"(?:(?:on|since|from|until|by) )?(?:{_ART} )?(?:day )?"
        rf"(?P<do>{_ORDINAL}|(?P<d>{_DAY}){_SUFFIX}) (?:day )?(?:of|de|del) "
        rf"(?:the |each |every )?(?:{_WHICH} )?month")),
    ("WEEKDAY", (
        rf"(?:el |los )?(?P<w>{one_of(set(WEEKDAYS) - _WEEKDAYS_TOO)})(?: "
        r"(?P<which>last|next|(?:que|q) viene))?")),
    ("WEEKDAY", rf"(?:el )?{_WHICH} (?P<w>{_WEEKDAY})"),
    ("WEEKDAY", rf"(?:on|since|until|by|from|to|and|before|after) (?P<w>{_WEEKDAY})"),
    ("HOLIDAY", (
        rf"(?:on |at |since |before |after )?(?:{_WHICH} )?(?P<holiday>{one_of(HOLIDAYS)})")),
    ("WEEK_ON", rf"a week (?:on|from) (?P<w>{_WEEKDAY})"),
    ("WEEKDAYS_AGO", rf"(?P<n>\d{{1,2}}|two|three|four) (?P<w>{_WEEKDAY}) ago"),
    ("WEEKDAYS", rf"(?:from|between|de|del) (?P<w>{_WEEKDAY}) {_TO} (?P<w2>{_WEEKDAY})"),
    ("WEEKDAYS_OF_WEEK", (
        rf"(?:from )?(?P<w>{_WEEKDAY}) {_TO} (?P<w2>{_WEEKDAY})(?: of)? "
        r"(?P<which>next|last|this) week")),
    ("WEEKDAY_OF_WEEK", rf"(?P<w>{_WEEKDAY})(?: of)? (?P<which>next|last|this) week"),
    ("WEEKDAY_OF_WEEK", rf"(?P<which>next|last|this) week(?: on)? (?P<w>{_WEEKDAY})"),
    ("UNIT", rf"(?:{_ART} )?{_WHICH} {_PLAIN_UNIT}"),
    ("UNIT", rf"(?:{_ART} )?{_PLAIN_UNIT} (?P<which>last|next|(?:que|q) viene|coming)"),
    ("UNIT", r"(?:over|at|on) the (?P<u>weekend)"),
    ("UNIT", rf"(?:{_ART} )?(?P<u>week|month|year|weekend) (?P<which>before last)"),
    ("SO_FAR", r"(?P<u>year|month|week|quarter) to date"),
    ("SO_FAR", rf"(?:so far )?this {_PLAIN_UNIT} so far"),
    ("SO_FAR", rf"so far this {_PLAIN_UNIT}"),
    ("SO_FAR", rf"en lo que va (?:de|del) {_PLAIN_UNIT}"),
    ("LAST_N", rf"(?:these )?(?:{_ART} )?(?:this )?(?:last|past|previous) {_N} (?P<u>{_UNIT})"),
    ("LAST_N", (
        rf"(?:{_ART} )?(?:last|past|previous) "
        r"(?P<u>day|days|weeks|months|years|fortnight|half year|24 hours)")),
    ("LAST_N", r"(?P<lately>lately|recently)"),
    ("AGO", rf"{_N} (?P<u>{_UNIT}) (?:ago|back)"),
    ("AGO", r"half a (?P<u>year) ago(?P<half>)"),
    ("AGO", rf"hace {_N} (?P<u>{_UNIT})"),
    ("AHEAD", rf"(?:in|dentro de|en) {_N} (?P<u>{_UNIT})"),
    ("AHEAD", rf"{_N} (?P<u>{_UNIT}) from (?:today|now)(?! on)"),
    ("YEAR", (
        r"(?:in|during|for|of|since|year|from|en|de|del|durante|until|before|after) (?:el "
        rf"year )?(?P<y>{_YEAR})")),
    ("YEARS", rf"(?:from|between|de|desde|since) (?P<y>{_YEAR}) {_TO} (?P<y2>{_YEAR})"),
    ("HALF", rf"(?:the )?(?P<which>first|second|last) half of (?P<y>{_YEAR})"),
    ("QUARTER", rf"q (?P<q>[1-4])(?: (?:of )?(?P<y>{_YEAR}))?"),
    ("QUARTER", (
        rf"(?:{_ART} )?(?P<qo>first|second|third|fourth) quarter(?: {_OF})?(?: "
        rf"(?P<y>{_YEAR}))?")),
    ("QUARTER", rf"(?:{_ART} )?(?P<last>last) quarter {_OF} (?P<y>{_YEAR})"),
    ("EDGE", (
        r"(?:by |at |until |since |from |before |after )?(?:the )?(?P<edge>end|start|beginning) "
        rf"of (?:the )?(?:{_WHICH} )?(?P<u>week|month|year|quarter)")),
    ("EDGE", (
        r"(?:a|al|hasta|antes de|para) "
        r"(?:el )?(?P<edge>fin|final|finales|principio|principios|end) (?:de|del) "
        rf"(?:{_WHICH} )?(?P<u>week|month|year)(?: (?P<which2>que viene))?")),
    ("EDGE", (
        r"since (?:el )?(?P<edge>principio|principios|start|inicio) (?:de|del) "
        r"(?P<u>week|month|year)")),
    ("EDGE", r"end of (?P<u>week|month|year)(?P<edge>)"),
    ("PAYDAY", (
        r"(?:since|after|from) "
        r"(?:(?:my|last|the|la|mi|ultima) )*(?:payday|salary|paycheck|paycheque|wages)")),
    ("PAYDAY", r"since i (?:got|was) paid"),
    ("PAYDAY", r"since que paid"),
)  # fmt: skip


@lru_cache(maxsize=1)
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (label, pattern) in the order in which equally long readings win."""
    return tuple((label, pattern(words)) for label, words in _PATTERNS)
