"""Small lists and small files, of invented people only."""

from __future__ import annotations

from pathlib import Path

from identity.screening.lists import ScreeningLists, parse_lists

SDN = """\
101,"ZELENKOV, Viktor Timofeyevich","individual","RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 12 Mar 1961; alt. DOB 1962; POB Larkmouth, Russia; nationality Russia; Gender Male; a.k.a. 'THE HERON'."
102,"AL-QUWAIRI, Abdulrahman","individual","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB circa 1970; nationality Yemen."
103,"ORVAND PETROLEUM LTD",-0- ,"IRAN",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0-
104,"HERON STAR 2","vessel","IRAN",-0- ,-0- ,"Crude Oil Tanker",-0- ,-0- ,"Panama",-0- ,-0-
105,"FELDWIESER, Konrad Johannes","individual","CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1958 to 1960."
"""
ALT = """\
101,1,"aka","ZELENKOW, Wiktor",-0-
102,2,"aka","ABD AL-RAHMAN, Abu Nasir",-0-
103,3,"fka","ORVAND OIL",-0-
"""
ADD = """\
101,11,-0- ,"Larkmouth","Russia",-0-
103,12,"1 Quay","Bandar","Iran",-0-
"""
COMMENTS = """\
105,"; nationality Austria."
"""
UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>
<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>QAMAR</FIRST_NAME><SECOND_NAME>FAYRUZ</SECOND_NAME><THIRD_NAME>AL-ZUMURRUDI</THIRD_NAME>
<UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE><REFERENCE_NUMBER>QDi.901</REFERENCE_NUMBER>
<NAME_ORIGINAL_SCRIPT>قمر الزمردي</NAME_ORIGINAL_SCRIPT>
<NATIONALITY><VALUE>Iran (Islamic Republic of)</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Abu Fayruz</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Kamar Zumurudi</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1968</FROM_YEAR><TO_YEAR>1973</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS><ENTITIES>
<ENTITY><DATAID>2</DATAID><FIRST_NAME>CRESCENT MOTH EXCHANGE (CME)</FIRST_NAME><UN_LIST_TYPE>Taliban</UN_LIST_TYPE>
<REFERENCE_NUMBER>TAe.902</REFERENCE_NUMBER><ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Moth Hawala</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ADDRESS><COUNTRY>Pakistan</COUNTRY></ENTITY_ADDRESS></ENTITY>
</ENTITIES></CONSOLIDATED_LIST>
"""
OWN = "id,name,kind,aliases,born,nationality,programs\n7,Nezabudkina Zlata,person,Zlata Timofeyevna Nezabudkina,~1980,Austria,pep\n"

FILES: dict[str, str] = {
    "sdn.csv": SDN, "alt.csv": ALT, "add.csv": ADD, "sdn_comments.csv": COMMENTS,
    "consolidated.xml": UN, "own_pep.csv": OWN,
}  # fmt: skip


def some_lists(**changed: str) -> ScreeningLists:
    """The small lists, some files replaced: some_lists(sdn=…)."""
    files = dict(FILES)
    for stem, text in changed.items():
        name = next(name for name in FILES if name.split(".")[0] == stem)
        files[name] = text
    return parse_lists({name: text.encode() for name, text in files.items()})


def fill(folder: Path, files: dict[str, str] = FILES) -> Path:
    """Write the small lists into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
