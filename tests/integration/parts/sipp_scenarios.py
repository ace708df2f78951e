"""SIPp scenarios written from short steps, for callers and for agents' desk phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.parts.rfc4733 import recorded

REPLY = """<send{attributes}><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{to_tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port]>
{body}]]></send>
"""
NO_BODY = "Content-Length: 0\n\n"
CALLER_REQUEST = """<send retrans="500"><![CDATA[
{method} {target} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [field0] <sip:[field1]@[local_ip]:[local_port]>;tag=[call_number]x[pid]
{to}
Call-ID: [call_id]
CSeq: {number} {method}
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
{body}]]></send>
"""
SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio {port} RTP/AVP 8{dtmf}
a=rtpmap:8 PCMA/8000
"""
CANCELLED_INVITE = """<send retrans="500"><![CDATA[
SIP/2.0 487 Request Terminated
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: 1 INVITE
Content-Length: 0

]]></send>
"""
TELEPHONE_EVENT = "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"


@dataclass(frozen=True)
class Press:
    """Press a key by SIP INFO, *after* so many seconds."""

    key: str
    after: float = 0.3


@dataclass(frozen=True)
class PressInBand:
    """Press a key by RFC 4733 events in the RTP stream, *after* so many seconds.  SIPp needs root for it."""

    key: str
    after: float = 0.3


@dataclass(frozen=True)
class HangUp:
    """Hang up *after* so many seconds, unless the other side does first."""

    after: float


@dataclass(frozen=True)
class Stay:
    """Stay until the other side hangs up, for *at_most* so many seconds: longer is a failed call."""

    at_most: float = 90.0


Step = Press | PressInBand | HangUp | Stay


def caller(steps: Sequence[Step], *, tone: str | None, recordings: Path) -> str:
    """A caller who dials, plays *tone* (a raw A-law file) all the time, and takes *steps* in order.

    One who presses keys in band plays nothing else: SIPp sends the two from different ports.  Nor does one
    without a *tone*.  *recordings*: a folder for the sounds of keys.
    """
    in_band = any(isinstance(step, PressInBand) for step in steps)
    played = None if in_band else tone
    invite = CALLER_REQUEST.format(
        method="INVITE",
        target="sip:[service]@[remote_ip]:[remote_port]",
        to="To: <sip:[service]@[remote_ip]:[remote_port]>",
        number=1,
        body=_media(in_band=in_band, streams=played is not None),
    )
    answered = """<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
"""
    ack = _request("ACK", 1).replace(' retrans="500"', "")
    taken = "".join(_step(step, number + 2, recordings) for number, step in enumerate(steps))
    return _scenario("caller", invite + answered + ack + _played(played) + taken + '<label id="1"/>\n')


def _media(*, in_band: bool, streams: bool) -> str:
    port = "[rtpstream_audio_port]" if streams else "[media_port]"
    return SDP.format(port=port, dtmf=" 101") + TELEPHONE_EVENT if in_band else SDP.format(port=port, dtmf="")


def _played(tone: str | None) -> str:
    return f'<nop><action><exec rtp_stream="{tone},-1,8,PCMA/8000"/></action></nop>\n' if tone else ""


def phone(*, answer_after: float | None, hang_up_after: float | None = None, tone: str | None = None) -> str:
    """A phone that is called: rings, answers after so many seconds, hangs up so long after; None is never.

    It plays *tone* (a raw A-law file) once it has answered.  Without one, the audio it hears is echoed by
    SIPp itself (``-rtp_echo``).
    """
    ring = f'<recv request="INVITE">{_captured() if hang_up_after is not None else ""}</recv>\n' + _reply(
        "180 Ringing", NO_BODY
    )
    if answer_after is None:
        cancelled = '<recv request="CANCEL"/>\n' + _reply("200 OK", NO_BODY)
        return _scenario("phone", ring + cancelled + CANCELLED_INVITE + '<recv request="ACK"/>\n')
    answer = REPLY.format(
        status="200 OK",
        to_tag=";tag=[call_number]",
        body=_media(in_band=False, streams=tone is not None),
        attributes=' retrans="500"',
    )
    talk = '<recv request="ACK"/>\n' + _played(tone) + _end_of_talk(hang_up_after)
    return _scenario("phone", ring + _pause(answer_after) + answer + talk + '<label id="1"/>\n')


def refusing_phone(status: str) -> str:
    """A phone that takes no call, and says so by *status*."""
    busy = REPLY.format(status=status, to_tag=";tag=[call_number]", body=NO_BODY, attributes="")
    return _scenario("refusing phone", '<recv request="INVITE"/>\n' + busy + '<recv request="ACK"/>\n')


def registration(*, leaving: bool = False) -> str:
    """Registers the phone of each CSV line (number;authentication) at the port it is sent from.

    *leaving* takes it from wherever it is registered.
    """
    register = """<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[call_number]x[pid]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: {number} REGISTER
Contact: {contact}
Max-Forwards: 70
Expires: {expires}
{authentication}Content-Length: 0

]]></send>
"""
    contact, expires = ("*", 0) if leaving else ("<sip:[field0]@[local_ip]:[local_port]>", 3600)
    challenged = '<recv response="401" auth="true"/>\n'
    return _scenario(
        "registration",
        register.format(number=1, authentication="", contact=contact, expires=expires)
        + challenged
        + register.format(number=2, authentication="[field1]\n", contact=contact, expires=expires)
        + '<recv response="200"/>\n',
    )


def _scenario(name: str, body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n{body}</scenario>\n'


def _step(step: Step, number: int, recordings: Path) -> str:
    match step:
        case Press(key=key, after=after):
            signal = f"Signal={key}\nDuration=160\n"
            body = f"Content-Type: application/dtmf-relay\nContent-Length: [len]\n\n{signal}"
            return _pause(after) + _request("INFO", number, body) + '<recv response="200"/>\n'
        case PressInBand(key=key, after=after):
            played = recorded(recordings, key, place=number)
            return _pause(after) + f'<nop><action><exec play_pcap_audio="{played}"/></action></nop>\n'
        case HangUp(after=after):
            return _wait_for_bye(after, otherwise=_request("BYE", number) + '<recv response="200"/>\n')
        case Stay(at_most=at_most):
            return f'<recv request="BYE" timeout="{int(at_most * 1000)}"/>\n' + _reply("200 OK", NO_BODY)


def _wait_for_bye(seconds: float, *, otherwise: str) -> str:
    return (
        f'<recv request="BYE" timeout="{int(seconds * 1000)}" ontimeout="2"/>\n'
        + REPLY.format(status="200 OK", to_tag="", body=NO_BODY, attributes=' next="1"')
        + f'<label id="2"/>\n{otherwise}'
    )


def _end_of_talk(hang_up_after: float | None) -> str:
    if hang_up_after is None:
        return '<recv request="BYE"/>\n' + _reply("200 OK", NO_BODY)
    bye = """<send retrans="500"><![CDATA[
BYE sip:[$contact] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [$to];tag=[call_number]
To: [$from]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
    # SIPp refuses a variable that is only ever written.
    unused = '<Reference variables="from_all,to_all,contact_all"/>\n'
    return _wait_for_bye(hang_up_after, otherwise=bye + '<recv response="200"/>\n') + unused


def _captured() -> str:
    """Keeps what a BYE from the called side is made of."""

    def capture(pattern: str, header: str, name: str) -> str:
        return f'<ereg regexp="{pattern}" search_in="hdr" header="{header}" assign_to="{name}_all,{name}"/>'

    return (
        "<action>"
        + capture("(.*)", "From:", "from")
        + capture("(.*)", "To:", "to")
        + capture("sip:([^&gt;;]*)", "Contact:", "contact")
        + "</action>"
    )


def _reply(status: str, body: str) -> str:
    tag = ";tag=[call_number]" if status.startswith("180") else ""
    return REPLY.format(status=status, to_tag=tag, body=body, attributes="")


def _request(method: str, number: int, body: str = NO_BODY) -> str:
    return CALLER_REQUEST.format(
        method=method, target="[next_url]", to="[last_To:]", number=number, body=body
    )


def _pause(seconds: float) -> str:
    return f'<pause milliseconds="{int(seconds * 1000)}"/>\n' if seconds else ""
