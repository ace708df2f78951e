"""AGI bytes to messages: every cut of the stream, every limit, and commands that cannot become two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.fastagi import wire
from callcentre.telephony.fastagi.wire import (
    AgiReader,
    Environment,
    EnvironmentTooLong,
    HangupNotice,
    LineTooLong,
    MalformedEnvironment,
    MalformedReply,
    Message,
    Reply,
    ReplyTooLong,
    UnsafeCommand,
    WireFault,
    encode,
)

# As Asterisk 22 sends it; the caller's name is Malayalam, to be cut inside a character.
SESSION = """agi_network: yes
agi_network_script: ivr
agi_request: agi://127.0.0.1:4573/ivr
agi_channel: PJSIP/trunk-00000001
agi_language: ml
agi_type: PJSIP
agi_uniqueid: node1-1763930000.1
agi_callerid: 9447000001
agi_calleridname: ശ്രീജ
agi_extension: s
agi_arg_1: 155300

200 result=0 endpos=16000
200 result=1 (a value (with) parentheses)
520-Invalid command syntax.  Proper usage follows:
Usage: STREAM FILE <filename> <digits> [offset]
 200 result=0 in the usage is no reply
520 End of proper usage.
510 Invalid or unknown command
511 Command Not Permitted on a dead channel or intercept routine
HANGUP
200 result=-1 endpos=0
""".encode()


def read(*chunks: bytes) -> list[Message]:
    reader = AgiReader()
    return [message for chunk in chunks for message in reader.receive(chunk)]


def introduced() -> AgiReader:
    reader = AgiReader()
    assert list(reader.receive(b"agi_request: x\n\n"))
    return reader


def test_a_session_as_asterisk_sends_it() -> None:
    environment, *rest = read(SESSION)
    assert isinstance(environment, Environment)
    assert environment.variables["agi_calleridname"] == "ശ്രീജ"
    assert environment.variables["agi_arg_1"] == "155300"
    assert rest == [
        Reply(200, "0", "endpos=16000"),
        Reply(200, "1", "(a value (with) parentheses)"),
        Reply(
            520,
            "",
            "Invalid command syntax.  Proper usage follows:\n"
            "Usage: STREAM FILE <filename> <digits> [offset]\n"
            " 200 result=0 in the usage is no reply",
        ),
        Reply(510, "", "Invalid or unknown command"),
        Reply(511, "", "Command Not Permitted on a dead channel or intercept routine"),
        HangupNotice(),
        Reply(200, "-1", "endpos=0"),
    ]


def test_every_cut_of_the_stream_gives_the_same_messages() -> None:
    whole = read(SESSION)
    for cut in range(len(SESSION) + 1):
        assert read(SESSION[:cut], SESSION[cut:]) == whole
    assert read(*(bytes([byte]) for byte in SESSION)) == whole


def test_lines_may_end_in_carriage_return_and_line_feed() -> None:
    assert read(SESSION.replace(b"\n", b"\r\n")) == read(SESSION)


def test_broken_utf_8_is_replaced_not_refused() -> None:
    (environment,) = read(b"agi_calleridname: \xff\xfe!\n\n")
    assert isinstance(environment, Environment)
    assert environment.variables["agi_calleridname"] == "\ufffd\ufffd!"


@pytest.mark.parametrize(
    ("detail", "value"), [("(ml)", "ml"), ("(a (b) c)", "a (b) c"), ("()", ""), ("endpos=1", ""), (")(", "")]
)
def test_the_value_of_a_reply_stands_in_parentheses(detail: str, value: str) -> None:
    assert Reply(200, "1", detail).value == value


class TestLimits:
    def test_a_megabyte_without_a_line_end_is_cut_at_the_limit(self) -> None:
        reader = AgiReader()
        fed = 0
        with pytest.raises(LineTooLong, match=r"more than 8192 bytes.*xxxx"):
            for _ in range(1024):
                fed += 1024
                list(reader.receive(b"x" * 1024))
        assert fed <= wire.MAX_LINE_BYTES + 1024

    def test_a_line_that_is_too_long_is_cut_even_when_it_comes_with_its_end(self) -> None:
        with pytest.raises(LineTooLong):
            read(b"agi_request: " + b"x" * wire.MAX_LINE_BYTES + b"\n")

    def test_a_line_of_just_the_limit_passes(self) -> None:
        line = b"agi_request: ".ljust(wire.MAX_LINE_BYTES, b"x")
        assert read(line + b"\n\n")

    def test_an_environment_without_end_is_cut(self) -> None:
        lines = b"".join(b"agi_arg_%d: x\n" % number for number in range(wire.MAX_ENVIRONMENT_LINES + 1))
        with pytest.raises(EnvironmentTooLong, match="161 lines"):
            read(lines)

    def test_a_heavy_environment_is_cut(self) -> None:
        lines = b"".join(b"agi_arg_%d: %s\n" % (number, b"x" * 8000) for number in range(5))
        with pytest.raises(EnvironmentTooLong, match="5 lines"):
            read(lines)

    def test_a_reply_of_many_lines_without_end_is_cut(self) -> None:
        with pytest.raises(ReplyTooLong):
            list(introduced().receive(b"520-Usage\n" + b"and on\n" * wire.MAX_REPLY_LINES))

    def test_replies_do_not_add_up_over_a_session(self) -> None:
        reader = introduced()
        for _ in range(2 * wire.MAX_REPLY_BYTES // 20):
            assert list(reader.receive(b"200 result=0 endpos=16000\n"))


class TestRefusals:
    @pytest.mark.parametrize(
        "line",
        [b"GET / HTTP/1.1", b"\x16\x03\x01\x02", b"agi_: x", b"AGI_REQUEST: x", b"HANGUP", b"SSH-2.0"],
    )
    def test_who_does_not_speak_agi_is_sent_away_at_once(self, line: bytes) -> None:
        with pytest.raises(MalformedEnvironment, match="not a line of an AGI environment"):
            read(line + b"\n")

    def test_a_name_given_twice_is_believed_in_neither_form(self) -> None:
        with pytest.raises(MalformedEnvironment, match="agi_arg_1 is given twice"):
            read(b"agi_arg_1: 1916\nagi_arg_1: 155300\n\n")

    @pytest.mark.parametrize("line", [b"", b"hello", b"200", b"200 ok", b"20 result=0", b"hangup", b"\x00"])
    def test_what_is_no_reply_is_refused(self, line: bytes) -> None:
        with pytest.raises(MalformedReply):
            list(introduced().receive(line + b"\n"))

    def test_messages_before_a_fault_are_not_lost(self) -> None:
        reader = introduced()
        messages = reader.receive(b"200 result=0\nnonsense\n200 result=0\n")
        assert next(messages) == Reply(200, "0", "")
        with pytest.raises(MalformedReply):
            next(messages)

    @given(st.lists(st.binary(max_size=300), max_size=20))
    def test_garbage_gives_messages_or_a_wire_fault_and_nothing_else(self, chunks: list[bytes]) -> None:
        reader = introduced()
        try:
            for chunk in chunks:
                list(reader.receive(chunk))
        except WireFault as fault:
            assert len(str(fault)) < 400


class TestEncoding:
    def test_arguments_are_quoted(self) -> None:
        assert encode("STREAM FILE", "/s/ml/cc/welcome", "0123456789*#") == (
            b'STREAM FILE "/s/ml/cc/welcome" "0123456789*#"\n'
        )
        assert encode("SET VARIABLE", "CC_X", 'a "b" \\ c') == b'SET VARIABLE "CC_X" "a \\"b\\" \\\\ c"\n'
        assert encode("SET VARIABLE", "CC_X", "") == b'SET VARIABLE "CC_X" ""\n'
        assert encode("CHANNEL STATUS") == b"CHANNEL STATUS\n"

    def test_malayalam_goes_out_as_utf_8(self) -> None:
        assert encode("SET VARIABLE", "X", "കുടി") == 'SET VARIABLE "X" "കുടി"\n'.encode()

    @pytest.mark.parametrize("end", ["\r", "\n", "\0", "\r\n"])
    def test_a_value_cannot_become_a_second_command(self, end: str) -> None:
        with pytest.raises(UnsafeCommand, match="line's end or NUL"):
            encode("SET VARIABLE", "X", f"a{end}HANGUP")

    def test_what_asterisk_would_cut_is_refused(self) -> None:
        room = wire.MAX_COMMAND_BYTES - len(encode("SET VARIABLE", "X", ""))
        assert len(encode("SET VARIABLE", "X", "a" * room)) == wire.MAX_COMMAND_BYTES
        with pytest.raises(UnsafeCommand, match="2048 bytes"):
            encode("SET VARIABLE", "X", "a" * (room + 1))

    @given(st.lists(st.text(max_size=100), max_size=4))
    def test_what_is_sent_is_one_line_asterisk_reads_back_alike(self, arguments: list[str]) -> None:
        try:
            line = encode("NOOP", *arguments)
        except UnsafeCommand:
            assert any(forbidden in argument for argument in arguments for forbidden in "\r\n\0")
        else:
            assert line.count(b"\n") == 1
            expected = [argument.encode("utf-8", "replace").decode() for argument in arguments]
            assert as_asterisk_parses(line.decode().removesuffix("\n")) == ["NOOP", *expected]


def as_asterisk_parses(line: str) -> list[str]:
    """`parse_args` of res_agi.c, letter for letter."""
    arguments: list[str] = []
    is_quoted = escaped = False
    blank = True
    for letter in line:
        if letter == '"' and not escaped:
            is_quoted = not is_quoted
            if is_quoted and blank:
                arguments.append("")
                blank = False
        elif letter in " \t" and not is_quoted and not escaped:
            blank = True
        elif letter == "\\" and not escaped:
            escaped = True
        else:
            if blank:
                arguments.append("")
                blank = False
            arguments[-1] += letter
            escaped = False
    return arguments
