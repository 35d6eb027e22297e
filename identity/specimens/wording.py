"""What stands beside the fields of a specimen: labels in seven languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Labels, in the order (surname, given names, nationality, birth date, sex, birth place, issue,
#: expiry, number).
LABELS: Mapping[str, tuple[str, ...]] = {
    "en": ("Surname", "Given names", "Nationality", "Date of birth", "Sex", "Place of birth",
           "Date of issue", "Date of expiry", "Document No."),
    "fr": ("Nom", "Prénoms", "Nationalité", "Date de naissance", "Sexe", "Lieu de naissance",
           "Date de délivrance", "Date d'expiration", "No du document"),
    "de": ("Name", "Vornamen", "Staatsangehörigkeit", "Geburtsdatum", "Geschlecht", "Geburtsort",
           "Ausstellungsdatum", "Gültig bis", "Dokumentennr."),
    "es": ("Apellidos", "Nombre", "Nacionalidad", "Fecha de nacimiento", "Sexo",
           "Lugar de nacimiento", "Fecha de expedición", "Fecha de caducidad", "Núm. documento"),
    "it": ("Cognome", "Nome", "Cittadinanza", "Data di nascita", "Sesso", "Luogo di nascita",
           "Data di rilascio", "Data di scadenza", "Documento n."),
    "pt": ("Apelido", "Nomes próprios", "Nacionalidade", "Data de nascimento", "Sexo",
           "Local de nascimento", "Data de emissão", "Válido até", "Documento n.º"),
    "pl": ("Nazwisko", "Imiona", "Obywatelstwo", "Data urodzenia", "Płeć", "Miejsce urodzenia",
           "Data wydania", "Data ważności", "Nr dokumentu"),
}  # fmt: skip
FIELDS_LABELLED = (
    "surname", "given_names", "nationality", "birth_date", "sex", "birth_place", "issue_date",
    "expiry_date", "number",
)  # fmt: skip


def label_of(name: str, languages: Sequence[str]) -> str:
    """Return the label of a field, its languages divided by a stroke."""
    at = FIELDS_LABELLED.index(name)
    return "/".join(LABELS[one][at] for one in languages)
