"""Brings ``desk.po`` up to date with code and templates, and compiles it: ``python -m tests.web.catalogue``.

Needs Babel, which the service itself does not.
"""

from __future__ import annotations

from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from agents_ui.translations import DOMAIN, LOCALE, MALAYALAM

PACKAGE = LOCALE.parent
PO = LOCALE / MALAYALAM / "LC_MESSAGES" / f"{DOMAIN}.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def extracted() -> Catalog:
    """Every text the code and the templates ask for."""
    catalog = Catalog(domain=DOMAIN, project="callcentre")
    for file, _line, message, comments, context in extract_from_dir(str(PACKAGE), METHODS):
        # No line numbers: they would change with every edit.
        catalog.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalog


def kept() -> Catalog:
    """The translations as they are."""
    with PO.open("rb") as source:
        return read_po(source, locale=MALAYALAM, domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """What gettext reads."""
    target = BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def main() -> None:
    """Update and compile; say what is not translated yet."""
    catalog = kept()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with PO.open("wb") as target:
        write_po(target, catalog, width=100, sort_output=True, include_lineno=False)
    PO.with_suffix(".mo").write_bytes(compiled(kept()))
    for message in catalog:
        if message.id and not message.string:
            print("not translated:", message.id)


if __name__ == "__main__":
    main()
