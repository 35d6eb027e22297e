"""One word for one meaning: what customers write → the word our patterns are written in.

    "yesturday", "yday"      →  yesterday         typing
    "lastweek", "eom"        →  last week, end of month
    "ayer", "el mes pasado"  →  yesterday, el month last

The patterns of `periods.py` are written once, in English words; another language brings its words
here and, where its order differs, a few patterns there. Words that mean something else in English
("once", "mil", "a") are read as Spanish only in a sentence that is Spanish: `language_of` weighs
the small words of both. Keys are folded: lower case, no accents.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.components.numerals import SPANISH_NUMBERS


def _pairs(text: str) -> dict[str, str]:
    """Return word → meaning of lines "meaning: word word …"."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {word: meaning.strip() for meaning, words in lines for word in words.split()}


#: English as it is typed: slips, short forms, missing spaces.
_TYPED = _pairs("""
    today: 2day tday
    tomorrow: tmrw tmr tmrow tomorow tommorow tommorrow 2moro 2morrow 2mrw tomoro
    yesterday: yday yest ystrday yesturday yestarday
    last: lst
    week: wk
    weeks: wks
    month: mth mnth
    months: mths mnths
    weekend: wknd
    year: yr
    years: yrs
    hours: hrs
    january: janaury januray
    february: febuary feburary
    wednesday: wensday wednsday weds
    thursday: thrusday thurday
    september: septmber
    weekend: weeknd
    tonight: 2nite tonite
    until: untill til till
    since: sice sinse
    euro: uero uro
    euros: euroes ueros euors eruos uros
    dollars: dollers dolars dolers
    pounds: pouds ponuds
    ending: endin endng
    and: n
""")

#: Several words written as one.
_JOINED = _pairs("""
    last week: lastweek
    last month: lastmonth
    last year: lastyear
    next week: nextweek
    next month: nextmonth
    this week: thisweek
    this month: thismonth
    end of month: eom
    end of week: eow
    end of year: eoy
""")

#: Spanish, wherever it stands.
_SPANISH = _pairs("""
    today: hoy
    yesterday: ayer anoche
    day before yesterday: anteayer antier antesdeayer
    january: enero
    february: febrero
    march: marzo
    april: abril
    may: mayo
    june: junio
    july: julio
    august: agosto
    september: septiembre setiembre
    october: octubre
    november: noviembre
    december: diciembre dic
    monday: lunes
    tuesday: martes
    wednesday: miercoles
    thursday: jueves
    friday: viernes
    saturday: sabado
    sunday: domingo
    day: dia
    days: dias
    week: semana
    weeks: semanas
    month: mes
    months: meses
    year: ano anio
    years: anos anios
    quarter: trimestre
    quarters: trimestres
    fortnight: quincena
    weekend: finde
    hours: horas
    last: pasado pasada pasados pasadas ultimo ultima ultimos ultimas anterior anteriores
    next: proximo proxima proximos proximas siguiente
    this: este esta estos estas
    since: desde
    until: hasta
    between: entre
    recently: ultimamente recientemente
    first: primer primero primera
    second: segundo segunda
    third: tercer tercero tercera
    fourth: cuarto cuarta
    fifth: quinto quinta
    ending: acabada acabado acavada terminada terminado acaba termina terminacion acabe
    salary: nomina sueldo
    paid: cobre
    card: tarjeta
    account: cuenta
    digits: digitos cifras
    number: numero nº
    each: cada
    before last: antepasado antepasada
    christmas: navidad
""")

#: Small words that only the one language has; they tell which one a sentence is in.
_ENGLISH_MARKS = frozenset(
    "the to of and i my is in on for with from what how much many did do does it this that was at "
    "by you your can could please send pay spent spend want have an are not when who which be "
    "show get give i'm i'd last next give help need would transfer card by or if".split()
)
_SPANISH_MARKS = frozenset(
    "el la los las un una unos del al que y por para mi mis su es esta estoy tengo quiero cuanto "
    "cuanta cuantos cual como cuando donde hay ha gaste gasto gastos gastado pague pago pagos "
    "pagar paga cobro compras compre envia enviar manda mandale transfiere transferir "
    "transferencia cuenta tarjeta saldo hace hoy ayer le lo se nos tu sus ese esa pero porque muy "
    "mas menos favor gracias hola buenos buenas dias recibo cargo luz en de con cuantas bloquea "
    "congela sacar cobre tarjetas movimientos senor senora dame dinero euritos centimos dolares "
    "dolar libras sino ellos seguro segura mes semana vez cajero efectivo comida sueldo nomina "
    "devolucion da dale pasa haz bizum devuelvele pagale debo llevo son".split()
) - {"son"} | (frozenset(_SPANISH) - {"este", "mayo", "dic", "cobre"})
_SPANISH_MARKS |= SPANISH_NUMBERS
_SPANISH_SIGNS = frozenset("¿¡ñÑ")


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Return the word in lower case, without accents, its digits as 0-9.

    >>> fold("MAÑANA"), fold("Dólares"), fold("٤٠"), fold("５")
    ('manana', 'dolares', '40', '5')
    """
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    # Digit by digit, letter by letter: NFKD turns full-width and accented letters into plain ones.
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in lowered)
    if not any(c.isalpha() for c in plain):
        return plain
    kept = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in kept if not unicodedata.combining(c)) or lowered


def mended(word: str) -> str:
    """Return a folded word as it is spelt, or as it came.

    >>> mended("uero"), mended("yday"), mended("lidl")
    ('euro', 'yesterday', 'lidl')
    """
    return _TYPED.get(word, word)


def meaning(word: str) -> str:
    """Return the pattern word(s) of a folded word; most words mean themselves.

    >>> meaning("ultimos"), meaning("lastweek"), meaning("lidl")
    ('last', 'last week', 'lidl')
    """
    return _SPANISH.get(word) or _JOINED.get(word) or word


def language_of(words: Iterable[str], text: str) -> str:
    """Return "es", "en", or "" where no small word tells. `words` are folded.

    >>> language_of(["envia", "50", "a", "ana"], "envía 50 a Ana")
    'es'
    >>> language_of(["50", "euros"], "50 euros")
    ''
    """
    english = spanish = 0
    for word in words:
        english += word in _ENGLISH_MARKS
        spanish += word in _SPANISH_MARKS
    spanish += any(sign in text for sign in _SPANISH_SIGNS)
    if spanish > english:
        return "es"
    return "en" if english else ""
