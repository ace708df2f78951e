"""Our codec against the readers of the ``asterisk-ami`` package, on messages both must understand."""

from __future__ import annotations

from asterisk.ami.action import Action
from asterisk.ami.event import Event
from asterisk.ami.response import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.telephony.ami.codec import AmiDecoder, Message, encode

# A busy machine is no failure.
UNHURRIED = settings(deadline=None)

names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in ("event", "response")
)
# Well-formed for both: no character that str.splitlines() takes for a line end, no blanks at the edges.
LINE_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
texts = st.text(st.characters(codec="utf-8", exclude_characters=LINE_ENDS), min_size=1, max_size=20).map(
    str.strip
)
values = texts.filter(bool)
bare = values.filter(lambda text: "\\" not in text)
headers = st.dictionaries(names, values, max_size=8)
variables = st.dictionaries(st.from_regex(r"CC_[A-Z]{1,8}", fullmatch=True), bare, min_size=1, max_size=4)


def wire(first: tuple[str, str], *rest: tuple[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in (first, *rest))


def ours(text: str) -> Message:
    decoder = AmiDecoder()
    (message,) = decoder.feed(b"Asterisk Call Manager/11.0.0\r\n" + text.encode() + b"\r\n")
    return message


@UNHURRIED
@given(values, headers, variables)
def test_events_are_read_alike(name: str, keys: dict[str, str], channel: dict[str, str]) -> None:
    lines = [*keys.items(), *(("ChanVariable", f"{key}={value}") for key, value in channel.items())]
    text = wire(("Event", name), *lines)
    message, reference = ours(text), Event.read(text)
    assert message.name == reference.name
    assert message.variables() == reference.keys.pop("ChanVariable")
    assert {key: value for key, value in message.headers if key in keys} == reference.keys


@UNHURRIED
@given(st.sampled_from(["Success", "Error", "Goodbye"]), headers, st.lists(values, min_size=1, max_size=4))
def test_responses_are_read_alike(status: str, keys: dict[str, str], output: list[str]) -> None:
    keys.pop("Output", None)
    text = wire(("Response", status), *keys.items(), *(("Output", line) for line in output))
    message, reference = ours(text), Response.read(text)
    assert (message["Response"], message.is_response) == (reference.status, True)
    assert "\n".join(message.all("Output")) == reference.keys.pop("Output")
    assert {key: value for key, value in message.headers if key in keys} == reference.keys


@UNHURRIED
@given(names, headers, st.dictionaries(st.from_regex(r"CC_[A-Z]{1,8}", fullmatch=True), values, max_size=3))
def test_actions_are_written_alike_where_nothing_needs_care(
    name: str, keys: dict[str, str], channel: dict[str, str]
) -> None:
    plain = {key: value.translate(str.maketrans("", "", '\0\\",')) for key, value in channel.items()}
    keys = {key: value.replace("\0", "") for key, value in keys.items()}
    action = Action(name, keys, plain)
    assert encode(action) == (str(action) + "\r\n").encode()
