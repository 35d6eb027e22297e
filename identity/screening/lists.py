"""The lists in force: loaded from a folder, checked, versioned, cached.

    lists/
      sdn.csv[.gz] alt.csv[.gz] add.csv[.gz] sdn_comments.csv[.gz]   OFAC
      consolidated.xml[.gz] (or UN_consolidated.xml[.gz])            UN
      own_<name>.csv[.gz]                                            the bank's own (own.py)
      cache/lists.json.gz                                            the last good reading

Nothing there: the invented list of the demonstration branch is in force. A file that cannot be
trusted is refused with ListBroken; if there is a last good reading it stays in force and
`problems` says what was refused. Files are replaced only after a trial reading: refresh.py.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from bank.whole_files import write_whole
from identity.screening.entries import Entry, ListBroken
from identity.screening.index import Index, build_index, dump_names, load_names
from identity.screening.ofac import COLUMNS, parse_ofac
from identity.screening.own import parse_own
from identity.screening.un import parse_un

#: Raise with every change of parsing or of the cache's shape: older caches are made anew.
FORMAT = 3
#: Unpacked size from which a file is refused.
FILE_BYTES_MAX = 400_000_000
#: A list that loses more than this share of its entries at once is held to be cut off.
SHRINKAGE_MAX = 0.25
_CACHE = Path("cache") / "lists.json.gz"
_UN_STEMS = ("consolidated.xml", "UN_consolidated.xml")


@dataclass(frozen=True, slots=True)
class ScreeningLists:
    """All entries with their index.

    `version` names the content: any change of any list is another version. `sources` has for each
    list its digest, entries, names and, where the list says so, the day it was made.
    """

    version: str
    entries: tuple[Entry, ...]
    index: Index
    sources: Mapping[str, Mapping[str, Any]]
    problems: tuple[str, ...] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of entries of each kind."""
        return dict(Counter(entry.kind.value for entry in self.entries))

    @property
    def names_count(self) -> int:
        return len(self.index.names)

    def only(self, entry_ids: frozenset[str]) -> ScreeningLists:
        """Return these entries alone, weighed as among all: for what changed since yesterday."""
        entries = tuple(entry for entry in self.entries if entry.entry_id in entry_ids)
        index = build_index(entries)
        index.rarities = self.index.rarities
        return ScreeningLists(self.version, entries, index, self.sources)


def load_lists(folder: Path, *, keeps_cache: bool = True) -> ScreeningLists:
    """Return the lists of a folder; the last good reading where a file cannot be trusted.

    `keeps_cache` False leaves the folder as it is: for data that is only to be measured.

    Raises ListBroken when a file cannot be trusted and nothing good was read before.
    """
    cached = _read_cache(folder)
    try:
        texts = read_files(folder)
        if not texts:
            return invented_lists()
        if cached and cached.version == version_of(texts):
            return cached
        lists = parse_lists(texts)
        if cached:
            check_shrinkage(cached, lists)
    except ListBroken as fault:
        if cached is None:
            raise
        return ScreeningLists(
            cached.version, cached.entries, cached.index, cached.sources, (str(fault),)
        )
    if keeps_cache:
        _write_cache(folder, lists)
    return lists


def invented_lists() -> ScreeningLists:
    """Return the small invented list that is in force until a real one is fetched."""
    text = (files(__package__) / "invented.csv").read_text(encoding="utf-8")
    lists = _assembled(
        {"invented": parse_own(text, "invented")}, {"invented.csv": text.encode()}, {}
    )
    return ScreeningLists(f"invented-{lists.version}", lists.entries, lists.index, lists.sources)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the unpacked list files of a folder by their plain names. Raises ListBroken."""
    if not folder.is_dir():
        return {}
    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        plain = path.name.removesuffix(".gz")
        if not path.is_file() or not is_list_file(plain):
            continue
        found[plain] = unpack(path.name, path.read_bytes())
    return found


def is_list_file(name: str) -> bool:
    """Whether a file of this plain name (without .gz) is read."""
    stem = name.removesuffix(".csv")
    return (
        name in _UN_STEMS
        or (name.endswith(".csv") and stem in COLUMNS)
        or (name.startswith("own_") and name.endswith(".csv"))
    )


def unpack(name: str, raw: bytes) -> bytes:
    """Return the content of a plain or gzip file, bounded. Raises ListBroken."""
    if not raw:
        raise ListBroken(name, "empty")
    if not raw.startswith(b"\x1f\x8b"):
        content = raw
    else:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            content = unpacker.decompress(raw, FILE_BYTES_MAX + 1)
        except zlib.error as fault:
            raise ListBroken(name, "malformed", str(fault)) from fault
        if not unpacker.eof and len(content) <= FILE_BYTES_MAX:
            raise ListBroken(name, "truncated", "gzip ends early")
    if len(content) > FILE_BYTES_MAX:
        raise ListBroken(name, "too_large")
    return content


def version_of(texts: Mapping[str, bytes]) -> str:
    """Return the version of these files: a digest of their content."""
    digest = hashlib.sha256(str(FORMAT).encode())
    for name in sorted(texts):
        digest.update(f"{name}\0{len(texts[name])}\0".encode())
        digest.update(texts[name])
    return digest.hexdigest()[:16]


def parse_lists(texts: Mapping[str, bytes]) -> ScreeningLists:
    """Return the lists of these files. Raises ListBroken."""
    found: dict[str, list[Entry]] = {}
    made_on: dict[str, date | None] = {}
    ofac = {name.removesuffix(".csv"): raw for name, raw in texts.items() if name[:-4] in COLUMNS}
    if ofac:
        if "sdn" not in ofac:
            raise ListBroken("sdn.csv", "missing")
        found["ofac"] = parse_ofac({stem: _text(f"{stem}.csv", raw) for stem, raw in ofac.items()})
    for name in _UN_STEMS:
        if name in texts:
            found["un"], made_on["un"] = parse_un(texts[name])
    for name, raw in texts.items():
        if name.startswith("own_"):
            list_name = name.removeprefix("own_").removesuffix(".csv")
            found[list_name] = parse_own(_text(name, raw), list_name)
    return _assembled(found, texts, made_on)


def _text(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ListBroken(name, "malformed", "not UTF-8") from fault


def _assembled(
    found: Mapping[str, Sequence[Entry]],
    texts: Mapping[str, bytes],
    made_on: Mapping[str, date | None],
) -> ScreeningLists:
    entries = tuple(entry for some in found.values() for entry in some)
    sources = {
        name: {
            "entries": len(some),
            "names": sum(len(entry.names) for entry in some),
            "kinds": dict(Counter(entry.kind.value for entry in some)),
            "made_on": str(made_on.get(name) or "") or None,
        }
        for name, some in found.items()
    }
    return ScreeningLists(version_of(texts), entries, build_index(entries), sources)


def check_shrinkage(old: ScreeningLists, new: ScreeningLists) -> None:
    """Raise ListBroken when a list vanished or lost more entries than lists lose in a week."""
    for name, source in old.sources.items():
        before = int(source["entries"])
        after = int(new.sources.get(name, {}).get("entries", 0))
        if before >= 20 and after < (1.0 - SHRINKAGE_MAX) * before:
            raise ListBroken(name, "shrunk", f"{before} entries before, {after} now")


def _read_cache(folder: Path) -> ScreeningLists | None:
    """Return the last good reading; None where there is none or it cannot be read."""
    try:
        data = json.loads(gzip.decompress((folder / _CACHE).read_bytes()))
        if data["format"] != FORMAT:
            return None
        return ScreeningLists(
            version=data["version"],
            entries=tuple(Entry.from_json(one) for one in data["entries"]),
            index=load_names(data["index"]),
            sources=data["sources"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, zlib.error):
        return None


def _write_cache(folder: Path, lists: ScreeningLists) -> None:
    """Keep a good reading. A folder that cannot be written is read anew each time."""
    data = {
        "format": FORMAT,
        "version": lists.version,
        "sources": lists.sources,
        "entries": [entry.to_json() for entry in lists.entries],
        "index": dump_names(lists.index),
    }
    packed = gzip.compress(json.dumps(data, ensure_ascii=False).encode(), compresslevel=5)
    try:
        (folder / _CACHE).parent.mkdir(exist_ok=True, mode=0o700)
        write_whole(folder / _CACHE, packed)
    except OSError:
        return
