"""What callers hear in one language, read from its file; the sentences with slots as phrases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from callcentre.configuration.model import Texts
from callcentre.configuration.table import Table
from ivr.phrases import SLOT, phrase
from ivr.wording import DIGITS, MINUTE, PHRASES, PROMPTS, WORDS
from routing.ids import LanguageCode

HEARD = "what callers hear"
# Numbers that are one sound each, and their form with more behind them.
NUMBER = r"[1-9]?[0-9]|([1-9]00|[1-9][0-9]?000|[1-9]00000)(-and)?"
A_NUMBER = "the number of one sound, such as 17, 300 or 12000, or its form before more, 300-and"
# Read into fields of their own.
APART = ("press", "digits")


def texts(table: Table, language: LanguageCode) -> Texts:
    value = Texts(
        language=language,
        voice=table.text("voice", pattern=r"[A-Za-z0-9+_-]+", means="the name of an espeak-ng voice"),
        prompts=_plain(table.table("prompts"), PROMPTS),
        press=_plain(table.table("press"), WORDS["press"]),
        digits=_plain(table.table("digits"), DIGITS),
        phrases={
            name: phrase(name, text) for name, text in _with_slots(table.table("phrases"), PHRASES).items()
        },
        words=_words(table),
        minute=_with_slots(table.table("minute"), MINUTE),
        number=_corrections(table.table("number", optional=True)),
    )
    table.finish()
    return value


def _plain(table: Table, names: Iterable[str]) -> dict[str, str]:
    value = {name: table.text(name, means=HEARD) for name in names}
    table.finish()
    return value


def _with_slots(table: Table, wanted: Mapping[str, AbstractSet[str]]) -> dict[str, str]:
    """The texts, each with the slots *wanted* for it, and each of them once."""
    value = _plain(table, wanted)
    for name, text in value.items():
        if text and sorted(SLOT.findall(text)) != sorted(wanted[name]):
            table.fault(name, f"has the slots {_listed(SLOT.findall(text))}", f"Use {_use(wanted[name])}.")
    return value


def _use(slots: AbstractSet[str]) -> str:
    return f"each of these once: {_listed(slots)}" if slots else "none"


def _listed(slots: Iterable[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in sorted(slots)) or "none"


def _words(texts: Table) -> dict[str, str]:
    """All other tables of words, by the name of each sound."""
    tables: dict[str, Table] = {}
    value: dict[str, str] = {}
    for path in [path for path in WORDS if path not in APART]:
        above, _, key = path.rpartition(".")
        tables[path] = (tables[above] if above else texts).table(key)
        for word in WORDS[path]:
            value[f"{path.replace('.', '/')}/{word}"] = tables[path].text(word, means=HEARD)
    for table in tables.values():
        table.finish()
    return value


def _corrections(table: Table) -> dict[str, str]:
    return {key: table.text(key, means=HEARD) for key in table.names(pattern=NUMBER, means=A_NUMBER)}
