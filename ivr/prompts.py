"""The names of what a caller can be told.

A prompt is named, never spelt out: its words are in ``config/texts``, its sound in the sounds folder.
"""

from __future__ import annotations

from dataclasses import dataclass

WELCOME = "welcome"
LANGUAGE = "language"
"""«For English,» in that language; its key follows as ``press/N``."""
PERSON = "person"
"""«To speak to a person, press zero.»"""
WRONG_KEY = "wrong-key"


@dataclass(frozen=True, slots=True)
class PromptRef:
    """One prompt in one language."""

    language: str
    name: str


def press(key: str) -> str:
    """The prompt «press N», said after what the key is for."""
    return f"press/{key}"


def matter(helpline: str, category: str = "") -> str:
    """The prompt «for drinking water» or «for no water», said before the key that leads there."""
    return f"matter/{helpline}/{category}" if category else f"matter/{helpline}"


def named(helpline: str) -> str:
    """What the helpline, and the department behind it, is called."""
    return f"name/{helpline}"


def service(name: str) -> str:
    """The prompt «for the state of your complaint», said before the key of a service."""
    return f"service/{name}"


def office(helpline: str) -> str:
    """Where the offices of a helpline are and when they are open."""
    return f"office/{helpline}"
