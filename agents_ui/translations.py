"""The languages the console speaks to its users.

English texts are the keys (gettext); ``locale/`` holds the others.  After a change of texts run
``python -m tests.web.catalogue``, which brings the .po up to date and compiles it; a test tells when that
was forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from routing.ids import LanguageCode

DOMAIN: Final = "desk"
LOCALE: Final = Path(__file__).parent / "locale"
ENGLISH: Final = LanguageCode("en")
MALAYALAM: Final = LanguageCode("ml")
INTERFACE_LANGUAGES: Final[Mapping[LanguageCode, str]] = {MALAYALAM: "മലയാളം", ENGLISH: "English"}
"""Each by its own name, the first one for whoever has not chosen."""


def marked(text: str) -> str:
    """*text* itself; marks it for the catalogue where it is only looked up later."""
    return text


def catalogue(language: LanguageCode) -> NullTranslations:
    """The texts of *language*; English needs none."""
    if language == ENGLISH:
        return NullTranslations()
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as compiled:
        return GNUTranslations(compiled)


def preferred(accepted: str) -> LanguageCode:
    """The interface language a browser's Accept-Language header asks for first."""
    for part in accepted.split(","):
        code = LanguageCode(part.split(";")[0].split("-")[0].strip().lower())
        if code in INTERFACE_LANGUAGES:
            return code
    return MALAYALAM


def named(names: Mapping[LanguageCode, str], language: LanguageCode, *, otherwise: str) -> str:
    """One of *names* in *language*, else in any, else *otherwise*."""
    return names.get(language) or next(iter(names.values()), otherwise)
