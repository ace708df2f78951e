"""The AGI protocol without a socket: bytes in, messages out; commands in, bytes out.

First come the environment's lines (``agi_request: agi://…``) up to an empty line, then one reply to each
command (``200 result=0 endpos=8000``; ``520-…`` is the first of several lines), and ``HANGUP`` at any moment.
Precedent for every form: ``setup_env``, ``agi_handle_command`` and ``run_agi`` in Asterisk's ``res_agi.c``.

Errors::

    AgiError
    ├── UnsafeCommand            ours: a command that would become two, or be cut by Asterisk
    └── WireFault                theirs: the link is closed, whatever it was
        ├── LineTooLong
        ├── EnvironmentTooLong
        ├── ReplyTooLong
        ├── MalformedEnvironment
        └── MalformedReply
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

# Asterisk's own longest variable value is 4096 bytes; twice that leaves room for what stands around it.
MAX_LINE_BYTES = 8192
# Asterisk sends 21 lines of its own and at most 128 arguments (MAX_ARGS in res_agi.c).
MAX_ENVIRONMENT_LINES = 160
# All lines together; ours hold a few names and numbers.
MAX_ENVIRONMENT_BYTES = 32_768
# The longest usage text of a command that Asterisk returns with a 520 has about 50 lines.
MAX_REPLY_LINES = 200
MAX_REPLY_BYTES = 32_768
# AGI_BUF_LEN in res_agi.c is 2048, with the closing NUL.
MAX_COMMAND_BYTES = 2047
# What a fault quotes of the offending line: enough to recognise it, too little to fill a log.
QUOTED_CHARACTERS = 60

HANGUP_LINE = "HANGUP"
ENVIRONMENT_LINE = re.compile(r"(agi_[a-z0-9_]+): ?(.*)", re.DOTALL)
REPLY_LINE = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
DIGIT_BEFORE_THE_LAST_FOUR = re.compile(r"\d(?=\d{4})")
RESULT = re.compile(r"result=(\S*) ?(.*)", re.DOTALL)


class AgiError(Exception):
    """Something is wrong with an AGI session; ``kind`` is what is counted."""

    kind: ClassVar[str] = "agi-error"


class UnsafeCommand(AgiError):
    """A command of ours that cannot be sent as one line."""

    kind = "unsafe-command"


class WireFault(AgiError):
    """What arrived is not AGI, or too much of it: close the link."""


class LineTooLong(WireFault):
    kind = "line-too-long"


class EnvironmentTooLong(WireFault):
    kind = "environment-too-long"


class ReplyTooLong(WireFault):
    kind = "reply-too-long"


class MalformedEnvironment(WireFault):
    kind = "malformed-environment"


class MalformedReply(WireFault):
    kind = "malformed-reply"


@dataclass(frozen=True, slots=True)
class Environment:
    """What Asterisk says of the channel first, by name (``agi_uniqueid``, ``agi_arg_1``…)."""

    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command.

    ``result``: what follows ``result=``, empty for codes other than 200.
    ``detail``: the rest: ``(value)``, ``endpos=8000``, or the words of a refusal.
    """

    code: int
    result: str
    detail: str

    @property
    def value(self) -> str:
        """What stands in parentheses; empty when nothing does."""
        start, end = self.detail.find("("), self.detail.rfind(")")
        return self.detail[start + 1 : end] if 0 <= start < end else ""


@dataclass(frozen=True, slots=True)
class HangupNotice:
    """The channel is no longer ours: hung up, or taken elsewhere by a redirect."""


Message = Environment | Reply | HangupNotice


class AgiReader:
    """Cuts the bytes of one session into messages; never holds more than one line and one message."""

    def __init__(self) -> None:
        self._rest = b""
        self._environment: dict[str, str] = {}
        self._introduced = False
        self._reply: list[str] = []
        self._size = 0

    def receive(self, received: bytes) -> Iterator[Message]:
        """The messages *received* completes, in order.  Consume it whole before the next call.

        Raises a `WireFault` after the messages before it; the reader is of no use then.
        """
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            message = self._take(line)
            if message is not None:
                yield message
        self._measure(self._rest)

    def _take(self, line: bytes) -> Message | None:
        self._measure(line)
        self._size += len(line)
        text = line.removesuffix(b"\r").decode("utf-8", errors="replace")
        return self._take_reply(text) if self._introduced else self._take_environment(text)

    def _measure(self, line: bytes) -> None:
        if len(line) > MAX_LINE_BYTES:
            self._rest = b""
            raise LineTooLong(f"a line of more than {MAX_LINE_BYTES} bytes, beginning {quoted(line)}")

    def _take_environment(self, line: str) -> Environment | None:
        variables = self._environment
        if not line:
            self._introduced = True
            return Environment(MappingProxyType(variables))
        matched = ENVIRONMENT_LINE.fullmatch(line)
        if matched is None:
            raise MalformedEnvironment(f"not a line of an AGI environment: {quoted(line)}")
        name, value = matched.groups()
        # A second one can only have come in through a value that held a line's end: believe neither.
        if name in variables:
            raise MalformedEnvironment(f"{name} is given twice")
        variables[name] = value
        if len(variables) > MAX_ENVIRONMENT_LINES or self._size > MAX_ENVIRONMENT_BYTES:
            raise EnvironmentTooLong(f"{len(variables)} lines, {self._size} bytes and no end of it")
        return None

    def _take_reply(self, line: str) -> Message | None:
        if self._reply:
            return self._continue_reply(line)
        self._size = 0
        if line == HANGUP_LINE:
            return HangupNotice()
        matched = REPLY_LINE.fullmatch(line)
        if matched is None:
            raise MalformedReply(f"neither a reply nor HANGUP: {quoted(line)}")
        code, separator, rest = matched.groups()
        if separator == "-":
            self._reply = [code, rest]
            return None
        return _reply(int(code), rest)

    def _continue_reply(self, line: str) -> Reply | None:
        code = self._reply[0]
        if line.startswith(f"{code} "):
            words, self._reply = self._reply[1:], []
            return Reply(int(code), "", "\n".join(words))
        self._reply.append(line)
        if len(self._reply) > MAX_REPLY_LINES or self._size > MAX_REPLY_BYTES:
            raise ReplyTooLong(f"{len(self._reply)} lines, {self._size} bytes and no end of a {code}")
        return None


def _reply(code: int, rest: str) -> Reply:
    if code != 200:
        return Reply(code, "", rest)
    matched = RESULT.fullmatch(rest)
    if matched is None:
        raise MalformedReply(f"a 200 without result: {quoted(rest)}")
    return Reply(code, *matched.groups())


def encode(command: str, *arguments: str) -> bytes:
    """One command line: *command* as it is, each argument quoted.  Raises `UnsafeCommand`."""
    line = " ".join([command, *(_quote(argument) for argument in arguments)])
    # Asterisk would take what follows a line's end for a command of ours.
    if any(forbidden in line for forbidden in "\r\n\0"):
        raise UnsafeCommand(f"a line's end or NUL in {quoted(line)}")
    encoded = line.encode("utf-8", errors="replace") + b"\n"
    if len(encoded) > MAX_COMMAND_BYTES:
        raise UnsafeCommand(f"{len(encoded)} bytes; Asterisk cuts a command after {MAX_COMMAND_BYTES}")
    return encoded


def quoted(line: bytes | str) -> str:
    """The beginning of *line*, safe for a log: a long number may be a caller's and shows 4 digits."""
    return DIGIT_BEFORE_THE_LAST_FOUR.sub("*", repr(line[:QUOTED_CHARACTERS]))


def _quote(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
