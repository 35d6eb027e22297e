"""Codes of issuers and nationalities in a machine-readable zone: ISO 3166-1 alpha-3 and ICAO's.

    DEU  is written D in a machine-readable zone          Doc 9303-3, section 5, part A
    GBD GBN GBO GBP GBS  kinds of British nationality                         part B
    UNO UNA UNK EUE XOM XPO … organisations that issue documents              parts C, D
    XXA XXB XXC XXX  stateless, refugee, other, unspecified                   part E
    RKS  Kosovo: no ISO code, printed on its documents
    UTO  Utopia: the country of specimens; valid in form, never a real issuer

The one list of the house: reading takes a doubtful code for a known one, and the checks of a
document ask whether a code exists. Only codes here; their names are CLDR's, through Babel.
"""

from __future__ import annotations

#: The country of specimens.
UTOPIA = "UTO"

_ISO = dict(
    pair.split(":")
    for pair in """
    ABW:AW AFG:AF AGO:AO AIA:AI ALA:AX ALB:AL AND:AD ARE:AE ARG:AR ARM:AM ASM:AS ATA:AQ ATF:TF
    ATG:AG AUS:AU AUT:AT AZE:AZ BDI:BI BEL:BE BEN:BJ BES:BQ BFA:BF BGD:BD BGR:BG BHR:BH BHS:BS
    BIH:BA BLM:BL BLR:BY BLZ:BZ BMU:BM BOL:BO BRA:BR BRB:BB BRN:BN BTN:BT BVT:BV BWA:BW CAF:CF
    CAN:CA CCK:CC CHE:CH CHL:CL CHN:CN CIV:CI CMR:CM COD:CD COG:CG COK:CK COL:CO COM:KM CPV:CV
    CRI:CR CUB:CU CUW:CW CXR:CX CYM:KY CYP:CY CZE:CZ DEU:DE DJI:DJ DMA:DM DNK:DK DOM:DO DZA:DZ
    ECU:EC EGY:EG ERI:ER ESH:EH ESP:ES EST:EE ETH:ET FIN:FI FJI:FJ FLK:FK FRA:FR FRO:FO FSM:FM
    GAB:GA GBR:GB GEO:GE GGY:GG GHA:GH GIB:GI GIN:GN GLP:GP GMB:GM GNB:GW GNQ:GQ GRC:GR GRD:GD
    GRL:GL GTM:GT GUF:GF GUM:GU GUY:GY HKG:HK HMD:HM HND:HN HRV:HR HTI:HT HUN:HU IDN:ID IMN:IM
    IND:IN IOT:IO IRL:IE IRN:IR IRQ:IQ ISL:IS ISR:IL ITA:IT JAM:JM JEY:JE JOR:JO JPN:JP KAZ:KZ
    KEN:KE KGZ:KG KHM:KH KIR:KI KNA:KN KOR:KR KWT:KW LAO:LA LBN:LB LBR:LR LBY:LY LCA:LC LIE:LI
    LKA:LK LSO:LS LTU:LT LUX:LU LVA:LV MAC:MO MAF:MF MAR:MA MCO:MC MDA:MD MDG:MG MDV:MV MEX:MX
    MHL:MH MKD:MK MLI:ML MLT:MT MMR:MM MNE:ME MNG:MN MNP:MP MOZ:MZ MRT:MR MSR:MS MTQ:MQ MUS:MU
    MWI:MW MYS:MY MYT:YT NAM:NA NCL:NC NER:NE NFK:NF NGA:NG NIC:NI NIU:NU NLD:NL NOR:NO NPL:NP
    NRU:NR NZL:NZ OMN:OM PAK:PK PAN:PA PCN:PN PER:PE PHL:PH PLW:PW PNG:PG POL:PL PRI:PR PRK:KP
    PRT:PT PRY:PY PSE:PS PYF:PF QAT:QA REU:RE ROU:RO RUS:RU RWA:RW SAU:SA SDN:SD SEN:SN SGP:SG
    SGS:GS SHN:SH SJM:SJ SLB:SB SLE:SL SLV:SV SMR:SM SOM:SO SPM:PM SRB:RS SSD:SS STP:ST SUR:SR
    SVK:SK SVN:SI SWE:SE SWZ:SZ SXM:SX SYC:SC SYR:SY TCA:TC TCD:TD TGO:TG THA:TH TJK:TJ TKL:TK
    TKM:TM TLS:TL TON:TO TTO:TT TUN:TN TUR:TR TUV:TV TWN:TW TZA:TZ UGA:UG UKR:UA UMI:UM URY:UY
    USA:US UZB:UZ VAT:VA VCT:VC VEN:VE VGB:VG VIR:VI VNM:VN VUT:VU WLF:WF WSM:WS YEM:YE ZAF:ZA
    ZMB:ZM ZWE:ZW
    """.split()
)

#: ISO 3166-1 alpha-3.
ISO_CODES = frozenset(_ISO)

#: Nationalities that are no ISO country.
_BRITISH = frozenset({"GBD", "GBN", "GBO", "GBP", "GBS"})
_PERSONS = frozenset({"XXA", "XXB", "XXC", "XXX"})
#: Organisations and others that issue documents: UN, its agencies, EU, INTERPOL, Order of Malta,
#: African Union organs, COMESA, ECOWAS, CARICOM, European Council of organisations, Kosovo (RKS).
_ORGANISATIONS = frozenset(
    "UNO UNA UNK EUE XOM XPO XBA XIM XCC XCE XCO XEC XES XMP XDC XCT IAO RKS".split()
)
#: Withdrawn, still printed on documents that are valid or shown as specimens of earlier series.
_WITHDRAWN = frozenset({"ANT", "BUR", "NTZ", "ROM", "SCG", "SUN", "TMP", "YUG", "ZAR"})

#: Germany's code of one letter.
GERMANY = "D"


def is_issuer(code: str) -> bool:
    """Return whether documents of this code exist.

    >>> is_issuer("FRA"), is_issuer("D"), is_issuer("UTO"), is_issuer("XQZ"), is_issuer("DEU")
    (True, True, True, False, False)
    """
    return code in _ISSUERS


def is_nationality(code: str) -> bool:
    """Return whether a holder may be of this nationality, stateless and refugees included."""
    return code in _ISSUERS or code in _BRITISH or code in _PERSONS


def is_withdrawn(code: str) -> bool:
    """Return whether the code was in use once."""
    return code in _WITHDRAWN


def find_alpha2(code: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code, or None where no country stands behind the code.

    >>> find_alpha2("PRT"), find_alpha2("D"), find_alpha2("GBN"), find_alpha2("XXA")
    ('PT', 'DE', 'GB', None)
    """
    if code == GERMANY:
        return "DE"
    return "GB" if code in _BRITISH else _ISO.get(code)


def find_alpha3(alpha2: str) -> str | None:
    """Return the code as a machine-readable zone writes it, or None.

    >>> find_alpha3("DE"), find_alpha3("FR"), find_alpha3("ZZ")
    ('D', 'FRA', None)
    """
    return _BY_ALPHA2.get(alpha2.upper())


#: DEU is ISO's; a machine-readable zone says D.
_ISSUERS = (ISO_CODES - {"DEU"}) | _ORGANISATIONS | {UTOPIA, GERMANY}
#: All that may be printed, without fillers: three letters, or D; withdrawn ones too.
ICAO_CODES = ISO_CODES | _ISSUERS | _BRITISH | _PERSONS | _WITHDRAWN
_BY_ALPHA2 = {short: GERMANY if code == "DEU" else code for code, short in _ISO.items()}
