"""The AMI codec: every cut of a stream, whatever is inside it, within its bounds; and what may be sent."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from asterisk.ami.action import Action, SimpleAction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callcentre.telephony.ami.codec import (
    MAX_SENT_LINE,
    AmiDecoder,
    DecoderLimits,
    Message,
    encode,
    unescape,
)
from callcentre.telephony.ami.errors import (
    ActionTooLong,
    FrameTooLong,
    MalformedLine,
    StreamFault,
    TooManyHeaders,
    UnsafeHeader,
)

# A busy machine is no failure.
UNHURRIED = settings(deadline=None)

GREETING = b"Asterisk Call Manager/11.0.0\r\n"

# Recorded from Asterisk 22.10.
RECORDED = (
    "Response: Success\r\nActionID: s1\r\nEventList: start\r\nMessage: Channels will follow\r\n\r\n"
    "Event: CoreShowChannel\r\nActionID: s1\r\nChannel: Local/kwa@waiting-00000000;2\r\nAccountCode: \r\n"
    "CallerIDName: e\u2028v\u0085il അനിൽ\r\nChanVariable: CC_CALL=n1-1795473131.1\r\n"
    'ChanVariable: CC_NAME=a,b\\"c\\\\d\\r\\ne=f\r\nDestChanVariable: CC_CALL=x\r\nBridgeId: \r\n\r\n'
    "Response: Error\r\nActionID: s2\r\nMessage: CoreShowChannelMap requires a channel.\n\r\n\r\n"
    "Event: OriginateResponse\r\nActionID: o1\r\nResponse: Success\r\nExten: s\r\n\r\n"
).encode()

# --- strategies: a stream of well-formed messages, values as wild as bytes can be -----------------

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_()/;-]{0,12}", fullmatch=True)
ODD = ["\u2028", "\u0085", "\0", "\r", "\n", "\x1c", ":", " ", "അ", "\\", "="]
texts = st.lists(st.sampled_from(ODD) | st.text(max_size=4), max_size=8).map("".join)


def carried(text: str) -> bytes:
    """*text* as a header value can carry it: any byte, but no CR LF, and no space to begin with."""
    raw = text.encode("utf-8", "surrogatepass")
    return re.sub(rb"\r+\n", b"\n", raw).lstrip(b" ")


values = texts.map(carried) | st.binary(max_size=12).map(lambda raw: carried(raw.decode("latin-1")))
frames = st.lists(st.tuples(names, values), min_size=1, max_size=6)
streams = st.lists(frames, max_size=5)


def wire(stream: list[list[tuple[str, bytes]]]) -> bytes:
    return b"".join(
        b"".join(name.encode() + b": " + value + b"\r\n" for name, value in frame) + b"\r\n"
        for frame in stream
    )


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(raw) + 1) for place in places}), len(raw)]
    return [raw[start:end] for start, end in pairwise(edges)]


def read(chunks: list[bytes], limits: DecoderLimits | None = None) -> tuple[list[Message], str | None]:
    """The messages of the chunks, and the kind of the fault that ended them, if one did."""
    decoder, messages = AmiDecoder(limits), []
    for chunk in chunks:
        try:
            messages += decoder.feed(chunk)
        except StreamFault as fault:
            return messages + fault.before, fault.kind
    return messages, None


def decoded(raw: bytes) -> list[Message]:
    decoder = AmiDecoder()
    decoder.feed(GREETING)
    return decoder.feed(raw)


# --- reading --------------------------------------------------------------------------------------


def test_every_single_cut_of_a_recorded_stream_gives_the_same_messages() -> None:
    raw = GREETING + RECORDED
    whole = read([raw])
    assert len(whole[0]) == 4
    for place in range(len(raw) + 1):
        assert read([raw[:place], raw[place:]]) == whole
    assert read([raw[at : at + 1] for at in range(len(raw))]) == whole


@UNHURRIED
@given(streams, st.lists(st.integers(min_value=0), max_size=12))
def test_any_cut_of_any_stream_gives_what_was_written(
    stream: list[list[tuple[str, bytes]]], places: list[int]
) -> None:
    messages, fault = read(cut(GREETING + wire(stream), places))
    assert fault is None
    expected = [[(name, value.decode("utf-8", "replace")) for name, value in frame] for frame in stream]
    assert [message.headers for message in messages] == expected


@UNHURRIED
@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=12))
@example(b"A: b\r\n\r\n\r\n\r\nC: d\r\n\r\n", [23, 25])
@example(b"A: b\r\r\n\r\nC\r: d\r\n\r\n", [2])
@example(b"no colon\r\n\r\n", [])
def test_any_cut_of_any_bytes_gives_the_same_messages_and_the_same_fault(
    raw: bytes, places: list[int]
) -> None:
    raw = GREETING + raw + b"\r\n\r\n"
    assert read(cut(raw, places)) == read([raw])


LIMITS = DecoderLimits(line_bytes=24, headers=4, message_bytes=64)
SMALL = st.lists(st.sampled_from([b"A: b", b"\r\n", b"\r\n\r\n", b"x" * 20, b"\r", b"\n", b":"]), max_size=20)


@UNHURRIED
@given(SMALL.map(b"".join), st.lists(st.integers(min_value=0), max_size=12))
def test_the_bounds_hold_wherever_the_stream_is_cut(raw: bytes, places: list[int]) -> None:
    raw = GREETING + raw + b"\r\n\r\n"
    messages, fault = read(cut(raw, places), LIMITS)
    assert (messages, fault) == read([raw], LIMITS)
    for message in messages:
        assert len(message.headers) <= LIMITS.headers
        assert all(len(f"{name}:{value}") <= LIMITS.line_bytes for name, value in message.headers)


@UNHURRIED
@given(st.lists(st.sampled_from([b"A", b":", b"\r", b"\n", b"\r\n", b" b"]), min_size=1, max_size=12))
def test_a_frame_is_taken_exactly_when_every_line_is_a_name_and_a_colon(parts: list[bytes]) -> None:
    frame = b"".join([b"A: b", *parts, b"z: y"])
    if b"\r\n\r\n" in frame:
        return
    good = all(re.match(rb"[^:\r\n]*:", line) for line in frame.split(b"\r\n"))
    messages, fault = read([GREETING + frame + b"\r\n\r\n"])
    assert (len(messages), fault) == ((1, None) if good else (0, "malformed_line"))


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b"Event: X\r\nA: " + b"y" * 30, FrameTooLong),
        (b"A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5", TooManyHeaders),
        (b"A: " + b"1\r\nB: " * 30, FrameTooLong),
        (b"Event: X\r\nno colon", MalformedLine),
        (b"no colon", MalformedLine),
        (b"Event: X\r\nA\nB: c", MalformedLine),
    ],
)
def test_what_breaks_the_bounds_is_a_fault_after_the_messages_before_it(
    frame: bytes, kind: type[StreamFault]
) -> None:
    decoder = AmiDecoder(LIMITS)
    with pytest.raises(kind) as caught:
        decoder.feed(GREETING + b"Event: Good\r\n\r\n" + frame + b"\r\n\r\n")
    assert [message.name for message in caught.value.before] == ["Good"]


def test_the_longest_message_passes_however_it_is_cut() -> None:
    longest = b"A: " + b"x" * 17 + b"\r\n" + b"B: " + b"y" * 17 + b"\r\nC: " + b"z" * 17
    assert len(longest) == LIMITS.message_bytes
    raw = GREETING + b"A: b\r\n\r\n\r\n" + longest + b"\r\n\r\n"
    for place in range(len(raw) + 1):
        messages, fault = read([raw[:place], raw[place:]], LIMITS)
        assert (len(messages), fault) == (2, None)


def test_a_message_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    decoder, line = AmiDecoder(), b"A: " + b"x" * 1000 + b"\r\n"
    decoder.feed(GREETING)
    with pytest.raises(FrameTooLong):
        for _ in range(DecoderLimits().message_bytes // len(line) + 2):
            decoder.feed(line)


@pytest.mark.parametrize("peer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"x" * 200])
def test_a_peer_that_is_no_asterisk_is_refused(peer: bytes) -> None:
    for chunks in ([peer], [peer[at : at + 1] for at in range(len(peer))]):
        assert read(chunks) == ([], "not_ami")


def test_the_greeting_tells_the_version() -> None:
    decoder = AmiDecoder()
    assert decoder.feed(GREETING[:-1]) == []
    assert decoder.version is None
    decoder.feed(GREETING[-1:])
    assert decoder.version == "11.0.0"


def test_a_recorded_row_is_read_as_asterisk_meant_it() -> None:
    _, row, refused, originated = decoded(RECORDED)
    assert (row.name, row["event"], row["CHANNEL"]) == ("CoreShowChannel",) * 2 + (
        "Local/kwa@waiting-00000000;2",
    )
    assert row["CallerIDName"] == "e\u2028v\u0085il അനിൽ"
    assert row.variables() == {"CC_CALL": "n1-1795473131.1", "CC_NAME": 'a,b"c\\d\r\ne=f'}
    assert row.variables("DestChanVariable") == {"CC_CALL": "x"}
    assert (row["BridgeId"], row.get("AccountCode"), row.get("Nothing")) == ("", "", "")
    assert refused["Message"] == "CoreShowChannelMap requires a channel.\n"
    assert (refused.is_response, refused.name, refused.action_id) == (True, None, "s2")
    assert (originated.is_response, originated.name, originated["Response"]) == (
        False,
        "OriginateResponse",
        "Success",
    )


def test_repeated_headers_are_kept_in_order() -> None:
    (message,) = decoded(
        b"Response: Success\r\nOutput: one\r\nOUTPUT:two\r\nOutput:\r\nOutput:  four\r\n\r\n"
    )
    assert message.all("output") == ["one", "two", "", " four"]
    assert message["Output"] == "one"


def test_what_a_user_event_adds_never_replaces_what_asterisk_wrote() -> None:
    (message,) = decoded(
        b"Event: UserEvent\r\nChannel: real\r\nChanVariable: CC_AGENT=anil\r\nUserEvent: CallQueued\r\n"
        b"CC: evil\r\nChannel: forged\r\nChanVariable: CC_AGENT=mallory\r\nEvent: Hangup\r\n\r\n"
    )
    assert (message.name, message["Channel"]) == ("UserEvent", "real")
    assert message.variables() == {"CC_AGENT": "anil"}


def test_a_damaged_value_leaves_its_neighbours_alone() -> None:
    (message,) = decoded(b"Event: X\r\nCallerIDName: \xe0\xb4\r\nChannel: c\xff\r\n\r\n")
    assert message.headers == [("Event", "X"), ("CallerIDName", "\ufffd"), ("Channel", "c\ufffd")]


def test_messages_compare_by_what_they_say_and_hide_it_when_shown() -> None:
    message = Message.of(("Event", "Newstate"), ("CallerIDNum", "919446012345"))
    assert message == decoded(b"Event: Newstate\r\nCallerIDNum: 919446012345\r\n\r\n")[0]
    assert hash(message) == hash(Message.of(*message.headers))
    assert message != Message.of(("Event", "Newstate"))
    assert "9446012345" not in repr(message)
    assert ("calleridnum" in message, "Channel" in message) == (True, False)
    with pytest.raises(KeyError, match="Channel"):
        message["Channel"]


# --- writing --------------------------------------------------------------------------------------

plain = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=40)
variable_names = st.from_regex(r"(__)?[A-Z][A-Z0-9_]{0,10}", fullmatch=True)
header_names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).filter(
    lambda name: name.lower() not in ("action", "actionid", "variable")
)


def asterisk_splits(assignment: str) -> list[str]:
    """How Asterisk takes a Variable header apart: commas, quotes and backslashes as in app arguments."""
    parts, quoted, characters = [""], False, iter(assignment)
    for character in characters:
        if character == "\\":
            parts[-1] += next(characters, "")
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts


@UNHURRIED
@given(st.dictionaries(header_names, plain | st.lists(plain, max_size=3), max_size=4))
def test_an_action_arrives_as_it_was_meant(keys: dict[str, str | list[str]]) -> None:
    (message,) = decoded(encode(Action("Originate", keys), action_id="a-1"))
    expected = [("Action", "Originate"), ("ActionID", "a-1")]
    for name, value in keys.items():
        expected += [(name, each) for each in (value if isinstance(value, list) else [value])]
    assert message.headers == expected


@UNHURRIED
@given(st.dictionaries(variable_names, plain, max_size=3))
def test_a_variable_arrives_whole_and_alone(variables: dict[str, str]) -> None:
    (message,) = decoded(encode(Action("Originate", variables=variables)))
    assert [asterisk_splits(line) for line in message.all("Variable")] == [
        [f"{name}={value}"] for name, value in variables.items()
    ]


BREAKERS = ["\r", "\n", "\0", "a\r\nAction: Command", "\ud800"]


@pytest.mark.parametrize("bad", BREAKERS)
def test_nothing_that_would_end_its_line_is_sent(bad: str) -> None:
    unsafe = [
        SimpleAction(bad),
        SimpleAction("Redirect", Exten=bad),
        SimpleAction("Redirect", Exten=["good", bad]),
        Action("Redirect", {f"X{bad}": "value"}),
        Action("Originate", {}, {"CC_CALL": bad}),
        Action("Originate", {}, {f"CC{bad}": "value"}),
        Action("Originate", {}, {"CC_CALL": ["good", bad]}),
    ]
    for action in unsafe:
        with pytest.raises(UnsafeHeader):
            encode(action)
    with pytest.raises(UnsafeHeader):
        encode(SimpleAction("Ping"), action_id=bad)


@pytest.mark.parametrize("name", ["", "A:b", "A b", "അ", "-x"])
def test_a_header_name_is_a_plain_word(name: str) -> None:
    with pytest.raises(UnsafeHeader, match="header name"):
        encode(Action("Ping", {name: "value"}))


@pytest.mark.parametrize("name", ["", "A=b", "A,B", 'A"', "A\\", "A B"])
def test_a_variable_name_cannot_hold_a_second_variable(name: str) -> None:
    with pytest.raises(UnsafeHeader, match="variable name"):
        encode(Action("Originate", variables={name: "value"}))


def test_a_value_is_text_or_a_number() -> None:
    assert b"Priority: 1\r\n" in encode(SimpleAction("Redirect", Priority=1))
    with pytest.raises(UnsafeHeader, match="NoneType"):
        encode(SimpleAction("Redirect", Exten=None))


def test_the_complaint_never_shows_the_value() -> None:
    with pytest.raises(UnsafeHeader) as caught:
        encode(SimpleAction("Originate", CallerID="9446012345\r"))
    assert "9446012345" not in str(caught.value)


def test_what_asterisk_would_cut_is_refused() -> None:
    fits = MAX_SENT_LINE - len("Value: ")
    encode(SimpleAction("Setvar", Value="x" * fits))
    with pytest.raises(ActionTooLong):
        encode(SimpleAction("Setvar", Value="x" * (fits + 1)))
    # Bytes count, not letters.
    with pytest.raises(ActionTooLong):
        encode(SimpleAction("Setvar", Value="അ" * (fits // 2)))
    with pytest.raises(ActionTooLong, match="headers"):
        encode(SimpleAction("Setvar", Value=["x"] * 128))


def test_the_links_own_action_id_replaces_another() -> None:
    assert (
        encode(SimpleAction("Ping", actionid="mine"), action_id="7") == b"Action: Ping\r\nActionID: 7\r\n\r\n"
    )
    assert encode(SimpleAction("Ping", ActionID="mine")) == b"Action: Ping\r\nActionID: mine\r\n\r\n"


def test_escapes_of_asterisk_are_undone_once() -> None:
    assert unescape(r"a\r\n\"b\"\\n\t\'\?") == 'a\r\n"b"\\n\t\'?'
    assert unescape("C:\\x") == "C:\\x"
