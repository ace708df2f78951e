"""What a caller of one number goes through, as data: the languages, the helplines to choose from.

Built from the configuration once at start; a flow that could trap or mislead a caller cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.prompts import LANGUAGE, PERSON, WELCOME, WRONG_KEY, PromptRef, matter, press

# 0 is a person, * repeats, # ends an entry; and nobody remembers the first of six spoken choices when the
# sixth has been read (domain rules), so there is no «press six» in the texts either.
CHOICE_KEYS = "12345"


class ImpossibleFlow(ValueError):
    """A flow no caller could use: says which number's flow, and what to change."""


@dataclass(frozen=True, slots=True)
class MenuOption:
    """One line of the helpline menu: «for drinking water … press 1»."""

    key: str
    helpline: str


@dataclass(frozen=True, slots=True)
class Flow:
    """What a caller of one number goes through: language choice, then the menu when there is one.

    ``languages``: the first is spoken to a caller who chooses none; a language's key is its position.
    ``options``: empty for a direct number.
    ``helpline``: where a direct number, ``0``, silence and failure lead.
    Raises `ImpossibleFlow`.
    """

    languages: tuple[str, ...]
    options: tuple[MenuOption, ...]
    helpline: str

    def __post_init__(self) -> None:
        problem = next(_problems(self), None)
        if problem is not None:
            raise ImpossibleFlow(f"flow of helpline {self.helpline!r}: {problem}")

    @property
    def asks_language(self) -> bool:
        """Whether there is anything to choose between."""
        return len(self.languages) > 1

    def language_for(self, key: str) -> str | None:
        """The language that *key* chooses, or None for a key without one."""
        return dict(zip(CHOICE_KEYS, self.languages, strict=False)).get(key)

    def helpline_for(self, key: str) -> str | None:
        """The helpline that *key* chooses, or None for a key without one."""
        return next((option.helpline for option in self.options if option.key == key), None)

    def welcome(self) -> tuple[PromptRef, ...]:
        """The first words, before any language is known."""
        return (PromptRef(self.languages[0], WELCOME),)

    def language_lines(self) -> tuple[PromptRef, ...]:
        """The language question: each language's line in that language."""
        return tuple(
            PromptRef(language, name)
            for key, language in zip(CHOICE_KEYS, self.languages, strict=False)
            for name in (LANGUAGE, press(key))
        )

    def menu_lines(self, language: str) -> tuple[PromptRef, ...]:
        """The helpline menu in *language*: the matter before the key, and a person at the end."""
        names = [name for option in self.options for name in (matter(option.helpline), press(option.key))]
        return tuple(PromptRef(language, name) for name in (*names, PERSON))

    def every_prompt(self) -> frozenset[PromptRef]:
        """All prompts a caller of this number may hear, so that a missing sound is found before a call is."""
        heard = {*self.welcome()}
        if self.asks_language:
            heard.update(self.language_lines())
        if self.options:
            heard.update(*(self.menu_lines(language) for language in self.languages))
        if self.asks_language or self.options:
            heard.update(PromptRef(language, WRONG_KEY) for language in self.languages)
        return frozenset(heard)


def _problems(flow: Flow) -> Iterator[str]:
    keys = [option.key for option in flow.options]
    if not flow.helpline:
        yield "no helpline for 0, silence and failure to lead to"
    if not flow.languages or not all(flow.languages):
        yield "at least one language is needed, and none may be empty"
    if len(set(flow.languages)) < len(flow.languages):
        yield f"a language is listed twice: {', '.join(flow.languages)}"
    if len(flow.languages) > len(CHOICE_KEYS):
        yield f"{len(flow.languages)} languages, but only the keys {CHOICE_KEYS} can choose one"
    if len(set(keys)) < len(keys):
        yield f"a key stands for two options: {', '.join(keys)}"
    if any(len(key) != 1 or key not in CHOICE_KEYS for key in keys):
        yield f"an option's key is one of {CHOICE_KEYS} (0, * and # are taken): {', '.join(keys)}"
