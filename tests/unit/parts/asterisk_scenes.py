"""What a real Asterisk 22.10 said, scene by scene, as it comes out of our codec."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from callcentre.telephony.ami.codec import AmiDecoder, Message

RECORDED = Path(__file__).with_name("asterisk_22_10.txt")
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


@cache
def scenes() -> dict[str, list[Message]]:
    """Every recorded scene by its name."""
    _, *parts = RECORDED.read_text(encoding="utf-8").split("\n== ")
    named = (part.partition("\n\n") for part in parts)
    return {name: _decoded(text) for name, _, text in named}


def events(scene: str) -> list[Message]:
    """What Asterisk told unasked in that scene."""
    return [message for message in scenes()[scene] if message.name != "CoreShowChannel"]


def looks(scene: str) -> list[list[Message]]:
    """The rows of each answer to CoreShowChannels in that scene; its one caller comes first in each."""
    answers: list[list[Message]] = []
    for message in scenes()[scene]:
        if message.name == "CoreShowChannel":
            if message.get("Channel").startswith("PJSIP/trunk"):
                answers.append([])
            answers[-1].append(message)
    return answers


def _decoded(text: str) -> list[Message]:
    frames = (frame.strip() for frame in text.split("\n\n"))
    wire = "".join(frame.replace("\n", "\r\n") + "\r\n\r\n" for frame in frames if frame)
    return AmiDecoder().feed(GREETING + wire.encode())
