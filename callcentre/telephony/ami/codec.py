"""Turns the bytes of an AMI connection into messages, and actions into bytes; no I/O.

A message is lines of ``Name: value`` ended by an empty line.  Lines end with CR LF and nothing else: real
values hold lone LF (``Message: CoreShowChannelMap requires a channel.\\n``), U+2028, U+0085, and keep them.
Bytes that are not UTF-8 become U+FFFD, line by line: a damaged caller name never damages its neighbours.

What Asterisk escapes and what it does not (tried on 22.10): channel variables, VarSet values and caller names
come C-escaped (see `unescape`), so they cannot forge a header.  ``AppData`` of Newexten, ``ApplicationData``
of CoreShowChannel and the headers of a UserEvent come raw: CR LF in them looks like the end of a header, and
no decoder can tell.  What this one does: the first value of a header wins (Asterisk writes its own before the
user's), a line without colon closes the link, and nothing that holds CR, LF or NUL can be sent on, because
`encode` refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asterisk.ami.action import Action

from callcentre.telephony.ami.errors import (
    ActionTooLong,
    FrameTooLong,
    MalformedLine,
    NotAmi,
    StreamFault,
    TooManyHeaders,
    UnsafeHeader,
)

# Asterisk reads into 1025 bytes and throws a longer line away, together with the lines before it; the lines
# after it then count as a new action (tried: 1022 passes, 1023 does not).
MAX_SENT_LINE: Final = 1022
# AST_MAX_MANHEADERS in Asterisk's manager.h.
MAX_SENT_HEADERS: Final = 128
# "Asterisk Call Manager/11.0.0"; anything long is not a greeting.
MAX_GREETING: Final = 128

_CRLF: Final = b"\r\n"
_END: Final = b"\r\n\r\n"
_GREETING: Final = re.compile(rb"Asterisk Call Manager/([0-9.]+)")
_NOT_A_HEADER: Final = re.compile(rb"\r\n(?![^:\r\n]*:)")
_ALL_BUT_CR_LF_COLON: Final = bytes(sorted(set(range(256)) - set(b"\r\n:")))
# Up to the next CR LF; a CR alone belongs to the value.
_VALUE: Final = r"[^\r]*(?:\r(?!\n)[^\r]*)*"
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# A variable or a dialplan function, as Set() takes it: CC_HELPLINE, __CC_CALL, CHANNEL(language).
_VARIABLE_NAME: Final = re.compile(r"[A-Za-z0-9_]+(\([A-Za-z0-9_/:;@.-]*\))?")
_BREAKS_A_LINE: Final = re.compile(r"[\r\n\0]")
_SPLITS_VARIABLES: Final = re.compile(r'([\\",])')
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderLimits:
    """What one peer may make us hold: security limits, far above what Asterisk sends."""

    # Dialplan values end at 4,096 bytes; escaping can double one, and a name comes with it.
    line_bytes: int = 16_384
    # ListCommands has about 200 headers, the output of a long console command a few thousand lines.
    headers: int = 4_096
    # Holds the longest of those, and bounds the buffer of an unfinished message.
    message_bytes: int = 262_144


class Message:
    """One response or event: ordered headers, repeated ones kept, names compared without regard to case.

    Immutable.  Headers are searched in the text as it arrived: of its twenty, most events are read for two or
    three.  Its repr shows no values: they hold callers' names and numbers.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """*text*: checked lines, each with CR LF *before* it; `AmiDecoder` and `of` make it."""
        self._text = text

    @classmethod
    def of(cls, *headers: tuple[str, str]) -> Message:
        """A message of these headers, for tests and replays; raises `UnsafeAction` where `encode` would."""
        return cls("".join("\r\n" + _line(name, value).decode() for name, value in headers))

    @property
    def is_response(self) -> bool:
        """Whether it answers an action.  (OriginateResponse has a Response header too, but is an event.)"""
        return _RESPONSE.match(self._text) is not None

    @property
    def name(self) -> str | None:
        """The name of the event, or None for a response."""
        event = _EVENT.match(self._text)
        return None if event is None else event[1]

    @property
    def action_id(self) -> str | None:
        """The ActionID this belongs to, if any."""
        found = _values("ActionID").search(self._text)
        return None if found is None else found[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in order, as (name, value)."""
        pairs = (line.partition(":") for line in self._text.split("\r\n")[1:])
        return [(name, value.removeprefix(" ")) for name, _, value in pairs]

    def get(self, name: str, default: str = "") -> str:
        """The first value of the header, else *default*."""
        found = _values(name).search(self._text)
        return default if found is None else found[1]

    def all(self, name: str) -> list[str]:
        """Every value of the header, in order."""
        return _values(name).findall(self._text)

    def variables(self, header: str = "ChanVariable") -> dict[str, str]:
        """The channel variables listed as ``ChanVariable: NAME=value`` (or DestChanVariable), unescaped.

        Of two values for one name the first counts: Asterisk's own list comes before anything of a user's.
        """
        # Backwards, so that the first value is the one that stays.
        found = dict(reversed(_assignments(header).findall(self._text)))
        if "\\" in self._text:
            found = {name: unescape(value) for name, value in found.items()}
        return found

    def __getitem__(self, name: str) -> str:
        found = _values(name).search(self._text)
        if found is None:
            raise KeyError(name)
        return found[1]

    def __contains__(self, name: str) -> bool:
        return _values(name).search(self._text) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        kind = "Response" if self.is_response else "Event"
        return f"<Message {kind}: {self.get(kind)!r}, {len(self.headers)} headers>"


class AmiDecoder:
    """The bytes of one connection in, messages out; any cut of the stream gives the same messages."""

    def __init__(self, limits: DecoderLimits | None = None) -> None:
        self._limits = limits or DecoderLimits()
        # A message this short cannot break a limit: no header is shorter than "X:" and its CR LF.
        self._unchecked_bytes = min(
            self._limits.line_bytes, self._limits.message_bytes, self._limits.headers * 4 - 2
        )
        self._buffer = bytearray()
        self._searched = 0
        self.version: str | None = None
        """The protocol version of the greeting, once it has arrived."""

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages completed by *chunk*.

        Raises a `StreamFault`, whose ``before`` holds the messages ahead of the fault; close the connection
        then, the decoder is of no further use.
        """
        self._buffer += chunk
        if self.version is None and not self._greeted():
            return []
        messages: list[Message] = []
        try:
            for lines in self._frames():
                if lines:
                    messages.append(self._message(lines))
            # An unfinished message may carry an empty line before it and most of its end behind it.
            self._check_length(len(self._buffer) - len(_CRLF) - len(_END))
        except StreamFault as fault:
            fault.before = messages
            raise
        return messages

    def _greeted(self) -> bool:
        line, ended, rest = self._buffer.partition(_CRLF)
        if not ended and len(line) < MAX_GREETING + len(_CRLF):
            return False
        greeting = _GREETING.fullmatch(line) if len(line) <= MAX_GREETING else None
        if greeting is None:
            raise NotAmi(
                f"the peer greets with {bytes(line[:40])!r}: no Asterisk manager at this host and port"
            )
        self.version, self._buffer = greeting[1].decode("ascii"), rest
        return True

    def _frames(self) -> Iterable[bytes]:
        if self._buffer.find(_END, self._searched) < 0:
            # The end may be cut anywhere in its four bytes.
            self._searched = max(0, len(self._buffer) - len(_END) + 1)
            return ()
        *frames, rest = bytes(self._buffer).split(_END)
        self._buffer, self._searched = bytearray(rest), 0
        # Asterisk sometimes ends a message with one empty line too many.
        return [frame.removeprefix(_CRLF) for frame in frames]

    def _message(self, lines: bytes) -> Message:
        if len(lines) > self._unchecked_bytes:
            self._check_bounds(lines)
        if not _well_formed(_CRLF + lines):
            raise MalformedLine("a line is not 'Name: value'")
        return Message("\r\n" + lines.decode("utf-8", "replace"))

    def _check_bounds(self, lines: bytes) -> None:
        self._check_length(len(lines))
        lengths = [len(line) for line in lines.split(_CRLF)]
        if len(lengths) > self._limits.headers:
            raise TooManyHeaders(f"a message has more than {self._limits.headers} headers")
        if max(lengths) > self._limits.line_bytes:
            raise FrameTooLong(f"a line is longer than {self._limits.line_bytes} bytes")

    def _check_length(self, length: int) -> None:
        if length > self._limits.message_bytes:
            raise FrameTooLong(f"a message is longer than {self._limits.message_bytes} bytes")


def encode(action: Action, *, action_id: str | None = None) -> bytes:
    """The bytes of one action; *action_id*, when given, replaces the action's own ActionID.

    A list as value repeats its header.  Values of ``variables`` are escaped, because Asterisk splits Variable
    headers at commas: one value could otherwise set a second variable.
    Raises `UnsafeHeader` or `ActionTooLong`.
    """
    lines = [_line("Action", action.name)]
    if action_id is not None:
        lines.append(_line("ActionID", action_id))
    for name, value in _spread(action.keys):
        if action_id is None or name.lower() != "actionid":
            lines.append(_line(name, value))
    for name, value in _spread(action.variables):
        lines.append(_line("Variable", _assignment(name, value)))
    if len(lines) > MAX_SENT_HEADERS:
        raise ActionTooLong(f"{action.name}: {len(lines)} headers, Asterisk takes {MAX_SENT_HEADERS}")
    return _CRLF.join(lines) + _END


def unescape(text: str) -> str:
    """Undoes the C escapes Asterisk puts into channel variables, VarSet values and caller names."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)


def _spread(headers: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in headers.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(each, str | int | float):
                raise UnsafeHeader(f"{name!r} is given a {type(each).__name__}: give text or a number")
            yield name, str(each)


def _line(name: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(name):
        raise UnsafeHeader(f"{name!r} is no header name: letters, digits, '-' and '_' only")
    # The value is not shown: it may be a secret or a caller's number.
    if _BREAKS_A_LINE.search(value):
        raise UnsafeHeader(f"the value of {name!r} holds CR, LF or NUL, which would end the line early")
    try:
        line = f"{name}: {value}".encode()
    except UnicodeEncodeError as error:
        raise UnsafeHeader(f"the value of {name!r} is not valid Unicode") from error
    if len(line) > MAX_SENT_LINE:
        raise ActionTooLong(f"{name!r} makes a line of {len(line)} bytes, Asterisk reads {MAX_SENT_LINE}")
    return line


def _assignment(name: str, value: str) -> str:
    if not _VARIABLE_NAME.fullmatch(name):
        raise UnsafeHeader(f"{name!r} is no variable name: letters, digits and '_', or FUNCTION(argument)")
    return name + "=" + _SPLITS_VARIABLES.sub(r"\\\1", value)


def _well_formed(frame: bytes) -> bool:
    """Whether each line of *frame*, with CR LF before it, is a name and a colon."""
    # A glance first, at half the cost of the expression: with all other bytes deleted, a good frame is colons
    # and "CR LF colon".  What else is left is a bad line, or a value with a CR or LF of its own.
    shape = frame.translate(None, _ALL_BUT_CR_LF_COLON).replace(b"\r\n:", b":")
    return not shape.strip(b":") or not _NOT_A_HEADER.search(frame)


# Every header this program asks for, many times over; compiling one costs as much as a hundred searches.
@lru_cache(maxsize=512)
def _values(header: str) -> re.Pattern[str]:
    return re.compile(rf"\r\n(?i:{re.escape(header)}): ?({_VALUE})", re.ASCII)


@lru_cache(maxsize=16)
def _assignments(header: str) -> re.Pattern[str]:
    return re.compile(rf"\r\n(?i:{re.escape(header)}): ?([^=\r]*)=?({_VALUE})", re.ASCII)


_RESPONSE: Final = _values("Response")
_EVENT: Final = _values("Event")
