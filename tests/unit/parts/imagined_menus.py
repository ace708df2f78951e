"""A site's menus for tests of sessions, and what callers of it hear, written as people write it."""

from __future__ import annotations

from datetime import date

from ivr.exchange import Answer as AnswerOfHouse
from ivr.exchange import (
    Answered,
    Arrived,
    Ask,
    Command,
    Event,
    Finish,
    HungUp,
    KeyPressed,
    Leave,
    Listen,
    Play,
    PromptsFinished,
    Record,
    SilencePassed,
    Situation,
    Started,
)
from ivr.menu import Flow, Manners, Menu, Option, Service, ToCategory, ToHelpline, ToService
from ivr.phrases import Phrasebook, phrase
from ivr.session import Session
from ivr.walk import advance, begin

TODAY = date(2026, 11, 26)
SENTENCES = {
    "about-docket": "About your complaint of {date},",
    "docket-said": "Docket {docket}, of {date}.",
    "docket-at-office": "It is with {office}.",
    "docket-due": "It is due on {date}.",
    "place": "You are number {number}.",
    "wait-between": "About {low} to {high} minutes.",
    "wait-about": "About {number} minutes.",
    "outage-until": "Until {date}, {time}.",
    "card-said": "Card {digits}.",
    "card-members": "It has {number} members.",
    "you-keyed": "You have keyed {digits}.",
}
PHRASES: Phrasebook = {
    language: {name: phrase(name, text) for name, text in SENTENCES.items()} for language in ("ml", "en")
}
MENUS = {
    "citizen": Menu(
        "citizen",
        (
            Option("1", ToHelpline("kwa")),
            Option("2", ToHelpline("food")),
            Option("3", ToService(Service.DOCKET)),
        ),
    ),
    "kwa": Menu(
        "kwa",
        (
            Option("1", ToCategory("leak")),
            Option("2", ToService(Service.OFFICE)),
            Option("3", ToService(Service.RATION_CARD)),
            Option("4", ToService(Service.MESSAGE)),
        ),
    ),
}
MANNERS = Manners(notice="2026-11", message_seconds=60)
GENERAL = Flow(
    languages=("ml", "en"),
    helpline="citizen",
    menus=MENUS,
    offices=frozenset({"kwa"}),
    phrases=PHRASES,
    manners=MANNERS,
)
PLAIN = Flow(languages=("ml", "en"), helpline="kwa", phrases=PHRASES)
ONE_LANGUAGE = Flow(languages=("ml",), helpline="food", phrases=PHRASES)
STRANGER = Arrived(today=TODAY)
DOCKET = "2600000013"
SPELT = (
    "digits/2 digits/6 digits/0 pause digits/0 digits/0 digits/0 pause digits/0 digits/0 digits/1 digits/3"
)


def english(names: str) -> str:
    """Prompts in English, as they stand in a transcript."""
    return " ".join(f"en:{name}" for name in names.split())


def spoken(command: Command) -> str:
    """*command* as one line of a transcript."""
    match command:
        case Play(prompts):
            return " ".join(f"{prompt.language}:{prompt.name}" for prompt in prompts)
        case Listen(seconds):
            return f"({seconds:g} s)"
        case Record(seconds):
            return f"(records {seconds} s)"
        case Ask(enquiry):
            return f"? {enquiry}"
        case Finish(next=onward, helpline=helpline, language=language, category=category):
            return f"→ {onward.value}: {helpline}{f'/{category}' if category else ''} in {language}"
        case Leave():
            return "gone"


class Story:
    """One caller and what happens to him."""

    def __init__(self, flow: Flow, situation: Situation = STRANGER, **on_channel: str) -> None:
        self.session: Session = begin(flow, situation, **on_channel)
        self.transcript: list[str] = []
        self.command: Command = Leave()
        self.tell(Started())

    def tell(self, event: Event) -> str:
        """What follows *event*."""
        self.session, self.command = advance(self.session, event)
        self.transcript.append(spoken(self.command))
        return self.transcript[-1]

    def does(self, told: str) -> str:
        """*told*: a key; ``.`` hears all, ``_`` is silent, ``!`` hangs up.  What follows the last of it."""
        events: dict[str, Event] = {".": PromptsFinished(), "_": SilencePassed(), "!": HungUp()}
        for letter in told:
            self.tell(events.get(letter, KeyPressed(letter)))
        return self.transcript[-1]

    def is_answered(self, answer: AnswerOfHouse) -> str:
        """What follows the house's *answer*."""
        return self.tell(Answered(answer))
