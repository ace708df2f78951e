"""What is written in the picture of a flow: one panel for each thing that a caller comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from callcentre.configuration.model import Configuration, Translations
from callcentre.prompts.catalogue import read_catalogue
from ivr import prompts
from ivr.menu import Service
from ivr.outline import Branch, Choice, InLine, Outline, Served, Stop
from routing.ids import CategoryId, HelplineId, LanguageCode

ENGLISH = LanguageCode("en")
OPT_OUT_KEY = "9"
PERSON_KEY = "0"


class Style(Enum):
    """How a line is written; the value is its class in the picture."""

    TITLE = "title"
    SAID = "said"
    GOAL = "goal"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Line:
    """Words in one language."""

    words: str
    style: Style
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a key is for; without a key, what happens by itself.  ``below``: the menu that it leads to."""

    key: str
    lines: tuple[Line, ...]
    below: Panel | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One step of a caller's way."""

    title: tuple[Line, ...]
    entries: tuple[Entry, ...] = ()
    menu: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """What the picture says of itself, in one language: by the names in ``agents_ui.texts.FLOW``."""

    language: LanguageCode
    texts: Mapping[str, str]


class Panels:
    """Writes the panels of any helpline of *configuration*."""

    def __init__(self, configuration: Configuration, wording: Wording) -> None:
        self._configuration = configuration
        self._wording = wording
        spoken = read_catalogue(configuration.texts.values(), configuration.helplines.values())
        self._spoken = {(prompt.language, prompt.name): prompt.text for prompt in spoken.prompts}
        first = configuration.site.languages[0]
        known = [language for language in (ENGLISH, first) if language in configuration.site.languages]
        self._languages = tuple(dict.fromkeys(known))

    def journey(self, helpline: HelplineId, flow: Outline) -> tuple[tuple[Panel, ...], Panel | None]:
        """The steps of a caller of a number of *helpline* in their order, and his menu when there is one."""
        menu = self._menu(flow.start) if isinstance(flow.start, Choice) else None
        steps = (
            self._number(helpline),
            *self._language_question(flow),
            *self._notice(flow),
            *([Panel(self._titled("menu"), menu=True)] if menu else []),
            self._waiting(),
            *self._talk(),
        )
        return steps, menu

    def title(self, helpline: HelplineId) -> str:
        """The name of the whole picture."""
        known = self._configuration.helplines[helpline]
        return self._text("whole", helpline=self._name(helpline), numbers=", ".join(known.numbers))

    # --- on the way to the menu, and after it ------------------------------------------------------

    def _number(self, helpline: HelplineId) -> Panel:
        known = self._configuration.helplines[helpline]
        names = self._each(known.name)
        return Panel((self._line(", ".join(known.numbers), Style.TITLE), *names))

    def _language_question(self, flow: Outline) -> Iterator[Panel]:
        if not flow.languages:
            return
        entries = [
            Entry(key, tuple(self._said((prompts.LANGUAGE,), [language]))) for key, language in flow.languages
        ]
        first = flow.languages[0][1]
        named = self._wording.texts.get(f"language_{first}", first)
        silence = Entry("", (self._goal("first_language", language=named),))
        yield Panel(self._titled("language"), (*entries, silence))

    def _notice(self, flow: Outline) -> Iterator[Panel]:
        if flow.notice:
            title = (self._line(self._text("notice", version=flow.notice), Style.TITLE),)
            yield Panel(title, (Entry(OPT_OUT_KEY, (self._goal("unrecorded"),)),))

    def _waiting(self) -> Panel:
        menus = self._configuration.menus
        lines = []
        if menus.place_seconds:
            lines.append(self._goal("place", seconds=f"{menus.place_seconds:.0f}"))
        lines.append(self._goal("callback", minutes=str(menus.callback_offered_minutes)))
        return Panel(self._titled("waiting"), (Entry("", tuple(lines)),))

    def _talk(self) -> Iterator[Panel]:
        if self._configuration.menus.rating:
            yield Panel(self._titled("talked"), (Entry("", (self._goal("judgement"),)),))

    # --- menus -------------------------------------------------------------------------------------

    def _menu(self, choice: Choice) -> Panel:
        name = self._text("menu_of", helpline=self._name(choice.helpline))
        person = Entry(PERSON_KEY, (self._to_people("person", choice.person),))
        entries = (*(self._entry(branch) for branch in choice.branches), person)
        return Panel((self._line(name, Style.TITLE),), entries, menu=True)

    def _entry(self, branch: Branch) -> Entry:
        said = tuple(self._said((branch.said,), self._languages))
        below = self._menu(branch.stop) if isinstance(branch.stop, Choice) else None
        return Entry(branch.key, (*self._urgency(branch.stop), *said, *self._goal_of(branch.stop)), below)

    def _urgency(self, stop: Stop) -> Iterator[Line]:
        if isinstance(stop, InLine) and CategoryId(stop.category) in self._urgent(stop.helpline):
            yield self._line(self._text("urgent"), Style.URGENT)

    def _urgent(self, helpline: str) -> frozenset[CategoryId]:
        known = self._configuration.helplines[HelplineId(helpline)]
        return frozenset(category.id for category in known.categories if category.emergency)

    def _goal_of(self, stop: Stop) -> Iterator[Line]:
        match stop:
            case InLine():
                yield self._to_people("in_line", stop)
            case Served(Service.MESSAGE):
                yield self._goal("message")
            case Served():
                yield self._goal("served")

    def _to_people(self, text: str, people: InLine) -> Line:
        return self._goal(text, helpline=self._name(people.helpline))

    # --- words -------------------------------------------------------------------------------------

    def _said(self, names: Iterable[str], languages: Iterable[str]) -> Iterator[Line]:
        """What callers hear, as the catalogue has it."""
        for name in names:
            for language in languages:
                yield Line(self._spoken.get((language, name), name).rstrip(" ,"), Style.SAID, language)

    def _each(self, translations: Translations) -> Iterator[Line]:
        for language in self._languages:
            yield Line(translations[language], Style.SAID, language)

    def _titled(self, text: str) -> tuple[Line, ...]:
        return (self._line(self._text(text), Style.TITLE),)

    def _goal(self, text: str, **filled: str) -> Line:
        return self._line(self._text(text, **filled), Style.GOAL)

    def _line(self, words: str, style: Style) -> Line:
        return Line(words, style, self._wording.language)

    def _text(self, name: str, **filled: str) -> str:
        return self._wording.texts[name] % filled

    def _name(self, helpline: str) -> str:
        names = self._configuration.helplines[HelplineId(helpline)].name
        return names.get(self._wording.language) or next(iter(names.values()))
