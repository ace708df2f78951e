"""The form of an announcement: what a supervisor typed, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from callcentre.announcements.facts import AnnouncementMade, Kind
from callcentre.announcements.listeners import Listeners
from callcentre.prompts.catalogue import unspeakable
from routing.ids import AgentId, HelplineId, Instant, LanguageCode

# As browsers send it, without a zone.
MOMENT = "%Y-%m-%dT%H:%M"


class Fault(Enum):
    """What is wrong with a field; the value is stable and translated by the console."""

    REQUIRED = "required"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    FIGURES = "figures"
    NOT_WORDS = "not_words"
    UNSPOKEN = "unspoken"
    """The voice made nothing of it that callers could be given."""
    NO_MOMENT = "no_moment"
    PAST = "past"


SPEECH: Mapping[str, Fault] = {
    "is more than half a minute of speech": Fault.TOO_LONG,
    "holds a number in figures": Fault.FIGURES,
    "holds a brace that begins or ends no slot": Fault.NOT_WORDS,
    "holds control characters": Fault.NOT_WORDS,
    "holds espeak-ng's phoneme brackets": Fault.NOT_WORDS,
    "holds nothing to say": Fault.NOT_WORDS,
}
"""The faults of texts in general (``callcentre.prompts.catalogue.UNSPEAKABLE``), in the form's words."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One field, and what is wrong with it."""

    field: str
    fault: Fault


class AnnouncementRefused(ValueError):
    """Nobody hears it as it is; ``problems`` says why, in the order of the fields."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.fault.value}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementForm:
    """What was filled in, as typed."""

    kind: str
    helplines: tuple[str, ...]
    """None: all."""
    texts: Mapping[LanguageCode, str]
    until: str
    """In the site's own time; empty for no end."""


def text_field(language: str) -> str:
    """The name of the field for the words in *language*."""
    return f"text-{language}"


def made_of(
    form: AnnouncementForm, listeners: Listeners, *, announcement: str, by: AgentId, now: Instant
) -> AnnouncementMade:
    """The announcement that *form* asks for.  Raises AnnouncementRefused."""
    # Line ends and stray spaces are nothing that is spoken.
    words = {code: " ".join(form.texts.get(code, "").split()) for code in listeners.languages}
    until, fault = _until(form.until, listeners, now)
    problems = [*_choice_problems(form, listeners), *_text_problems(words, listeners)]
    if fault is not None:
        problems.append(Problem("until", fault))
    if problems:
        raise AnnouncementRefused(problems)
    return AnnouncementMade(
        at=now,
        announcement=announcement,
        kind=Kind(form.kind),
        helplines=frozenset(map(HelplineId, form.helplines)),
        texts=tuple((language, text) for language, text in words.items() if text),
        until=until,
        by=by,
    )


def _choice_problems(form: AnnouncementForm, listeners: Listeners) -> list[Problem]:
    chosen = {
        "kind": form.kind in {kind.value for kind in Kind},
        "helplines": set(form.helplines) <= set(listeners.helplines),
    }
    return [Problem(field, Fault.UNKNOWN) for field, known in chosen.items() if not known]


def _text_problems(words: Mapping[LanguageCode, str], listeners: Listeners) -> list[Problem]:
    found = []
    for language, text in words.items():
        if text:
            problem = next(unspeakable(text), None)
            fault = None if problem is None else SPEECH[problem]
        else:
            fault = Fault.REQUIRED if language in listeners.required else None
        if fault is not None:
            found.append(Problem(text_field(language), fault))
    return found


def _until(text: str, listeners: Listeners, now: Instant) -> tuple[Instant | None, Fault | None]:
    if not text:
        return None, None
    try:
        until = Instant(datetime.strptime(text, MOMENT).replace(tzinfo=listeners.zone).timestamp())
    except (ValueError, OverflowError):
        return None, Fault.NO_MOMENT
    return until, Fault.PAST if until <= now else None
