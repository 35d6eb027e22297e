"""Countries as lists write them, to ISO 3166-1 alpha-2; CLDR knows most, lists have their own.

"Iran (Islamic Republic of)" ─▶ IR      "Korea, North" ─▶ KP      "Iranian" ─▶ IR
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from babel import Locale

#: What CLDR does not say: long forms of the UN and OFAC, older names, citizens.
_MORE = {
    "AE": "uae; emirates; emirati", "AF": "afghan", "AO": "angolan", "AR": "argentine",
    "AT": "austrian", "BA": "bosnia and herzegovina; bosnia; bosnian", "BE": "belgian",
    "BG": "bulgarian", "BO": "bolivia (plurinational state of); bolivia plurinational state of",
    "BR": "brazilian", "BY": "belarusian", "CA": "canadian", "CD": "democratic republic of the "
    "congo; congo, democratic republic of the; congolese", "CF": "car; central african",
    "CG": "congo, republic of the; republic of the congo", "CH": "swiss",
    "CI": "cote d ivoire; ivory coast", "CN": "china; chinese; prc; people s republic of china",
    "CO": "colombian", "CU": "cuban", "CV": "cape verde", "CY": "cypriot",
    "CZ": "czech republic; czechia; czech", "DE": "german; federal republic of germany",
    "DK": "danish", "DZ": "algerian", "EG": "egyptian", "ER": "eritrean", "ES": "spanish",
    "ET": "ethiopian", "FI": "finnish", "FR": "french", "GB": "uk; united kingdom; british; "
    "great britain; england; united kingdom of great britain and northern ireland; scotland; wales",
    "GE": "georgian", "GM": "gambia, the; the gambia", "GR": "greek", "HK": "hong kong",
    "HT": "haitian", "HU": "hungarian", "ID": "indonesian", "IE": "irish", "IL": "israeli",
    "IN": "indian", "IQ": "iraqi", "IR": "iran (islamic republic of); islamic republic of iran; "
    "iranian", "IT": "italian", "JO": "jordanian", "JP": "japanese", "KE": "kenyan",
    "KP": "korea, north; democratic people s republic of korea; dprk; north korea",
    "KR": "korea, south; republic of korea; south korea", "KW": "kuwaiti", "LA": "lao people s "
    "democratic republic", "LB": "lebanese", "LY": "libyan; libyan arab jamahiriya; state of libya",
    "MA": "moroccan", "MD": "republic of moldova", "MK": "macedonia; the former yugoslav "
    "republic of macedonia", "ML": "malian", "MM": "burma; burmese", "MO": "macau", "MX": "mexican",
    "MY": "malaysian", "NG": "nigerian", "NI": "nicaraguan", "NL": "dutch; the netherlands; "
    "holland",
    "NO": "norwegian", "PA": "panamanian", "PH": "filipino; the philippines", "PK": "pakistani",
    "PL": "polish", "PS": "palestinian; palestine; state of palestine; west bank; region: gaza; "
    "gaza; occupied palestinian territory", "PT": "portuguese", "QA": "qatari", "RO": "romanian",
    "RS": "serbian", "RU": "russian; russian federation; ussr; region: crimea", "RW": "rwandan",
    "SA": "saudi; saudi arabian", "SD": "sudanese; the sudan", "SE": "swedish", "SG": "singaporean",
    "SN": "senegalese", "SO": "somali", "SS": "south sudanese", "SY": "syrian arab republic; "
    "syrian",
    "SZ": "swaziland", "TH": "thai", "TJ": "tajik", "TN": "tunisian", "TR": "turkey; turkish; "
    "turkiye", "TW": "taiwanese", "TZ": "united republic of tanzania; tanzanian", "UA": "ukrainian",
    "UG": "ugandan", "US": "usa; united states; american; united states of america",
    "UZ": "uzbek", "VA": "vatican city state", "VE": "venezuela (bolivarian republic of); "
    "venezuelan",
    "VN": "viet nam; vietnamese", "YE": "yemeni", "ZA": "south african", "ZW": "zimbabwean",
    "VG": "virgin islands, british", "BS": "bahamas, the; the bahamas", "XK": "kosovo",
}  # fmt: skip


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """Return the alpha-2 code of a country, its citizens or its code; None where unknown."""
    if not text.strip():
        return None
    if len(text.strip()) == 2 and text.strip().upper() in _codes():
        return text.strip().upper()
    return _names().get(_plain(text))


def is_place(word: str) -> bool:
    """Whether one word names a country or its citizens ("germany", "iranian")."""
    return word in _single_words()


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(text).casefold()))


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch(r"[A-Z]{2}", code))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("es", "fr", "de", "en"):
        for code, name in Locale(language).territories.items():
            if str(code) in _codes():
                found[_plain(name)] = str(code)
    for code, names in _MORE.items():
        for name in names.split(";"):
            found[_plain(name)] = code
    return found


@lru_cache(maxsize=1)
def _single_words() -> frozenset[str]:
    return frozenset(name for name in _names() if " " not in name and len(name) > 2) - {"chad"}
