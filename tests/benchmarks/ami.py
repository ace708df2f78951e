"""How many AMI events a second our codec reads, against the reader of the ``asterisk-ami`` package.

    python tests/benchmarks/ami.py [--json]

One process, one byte stream of realistic 17-header events (two of them ChanVariable), rounds of both sides
taking turns.  Both start from bytes as the network gives them and end with the event's name, channel and
channel variables in hand.

- ours: ``AmiDecoder.feed``, then ``name``, ``get("Channel")`` and ``variables()``.
- theirs: the loop of ``AMIClient._next_pack`` (regular expression search and split, decode), then
  ``Event.match`` and ``Event.read`` as in ``AMIClient.fire_recv_pack``, then the same three values.

Their loop is fed 64 KiB at a time and 1 KiB at a time (the package's own buffer size); the figure compared is
the better of the two.  Ours is fed 64 KiB at a time, which is what Twisted reads.  ``full_read_ratio`` is
the same comparison when ours takes every single header of every event out as text.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from asterisk.ami.client import AMIClient
from asterisk.ami.event import Event

# A plain script: its own folder is on the path, the checkout is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callcentre.telephony.ami.codec import AmiDecoder

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
EVENTS = 1_000
# Many short rounds: a neighbour on the machine then slows both sides alike.
ROUNDS = 41
TWISTED_READ = 65_536
PACKAGE_READ = 1_024

EVENT = """Event: Newstate
Privilege: call,all
Timestamp: 1795473131.{n:06}
Channel: PJSIP/trunk-{n:08x}
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 91944601{n:04}
CallerIDName: {name}
ConnectedLineNum: <unknown>
Language: ml
Context: waiting
Exten: kwa
Priority: 4
Uniqueid: 1795473131.{n}
Linkedid: 1795473131.{n}
ChanVariable: CC_CALL=n1-1795473131.{n}
ChanVariable: CC_HELPLINE=kwa

"""
NAMES = ("<unknown>", "Anil Kumar", "അനിൽ കുമാർ", "सुनीता")


def stream() -> bytes:
    """The events of one round as Asterisk would send them."""
    texts = (EVENT.format(n=n, name=NAMES[n % len(NAMES)]) for n in range(EVENTS))
    return "".join(texts).replace("\n", "\r\n").encode()


def chunks(raw: bytes, size: int) -> list[bytes]:
    """*raw* as reads of *size* bytes."""
    return [raw[at : at + size] for at in range(0, len(raw), size)]


def ours(reads: list[bytes]) -> int:
    """Reads the stream with our codec; the number of events whose variables name the helpline."""
    decoder, found = AmiDecoder(), 0
    decoder.feed(GREETING)
    for read in reads:
        for message in decoder.feed(read):
            found += wanted(message.name, message.get("Channel"), message.variables("ChanVariable"))
    return found


def ours_in_full(reads: list[bytes]) -> int:
    """As `ours`, taking every header of every event as text."""
    decoder, found = AmiDecoder(), 0
    decoder.feed(GREETING)
    for read in reads:
        for message in decoder.feed(read):
            headers = dict(message.headers)
            found += wanted(headers["Event"], headers["Channel"], message.variables("ChanVariable"))
    return found


def packs(reads: list[bytes]) -> Iterator[str]:
    """What ``AMIClient._next_pack`` yields after the greeting, with a list in place of the socket."""
    end, held = AMIClient.asterisk_pack_regex, b""
    for read in reads:
        held += read
        while end.search(held):
            (pack, held) = end.split(held, 1)
            yield pack.decode("utf-8", errors="replace")


def theirs(reads: list[bytes]) -> int:
    """Reads the stream as the package does; the same count as `ours`."""
    found = 0
    for pack in packs(reads):
        if Event.match(pack):
            event = Event.read(pack)
            found += wanted(event.name, event.keys["Channel"], event.keys["ChanVariable"])
    return found


def wanted(name: str | None, channel: str, variables: dict[str, str]) -> bool:
    """Whether all three values arrived."""
    return name == "Newstate" and channel.startswith("PJSIP/") and variables["CC_HELPLINE"] == "kwa"


def events_per_second(reader: Callable[[list[bytes]], int], reads: list[bytes]) -> float:
    """One timed pass; raises AssertionError when an event was lost."""
    began = perf_counter()
    found = reader(reads)
    took = perf_counter() - began
    if found != EVENTS:
        raise AssertionError(f"{reader.__name__} read {found} of {EVENTS} events")
    return EVENTS / took


def measure() -> dict[str, float]:
    """Median events per second of every side over interleaved rounds, after one round to warm up."""
    raw = stream()
    large, small = chunks(raw, TWISTED_READ), chunks(raw, PACKAGE_READ)
    sides = {
        "ours": (ours, large),
        "ours_in_full": (ours_in_full, large),
        "theirs_64k": (theirs, large),
        "theirs_1k": (theirs, small),
    }
    rounds = [
        {side: events_per_second(reader, reads) for side, (reader, reads) in sides.items()}
        for _ in range(ROUNDS + 1)
    ]
    return {side: statistics.median(one[side] for one in rounds[1:]) for side in sides}


def main() -> None:
    """Measures and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description=f"AMI codec against asterisk-ami ({Path(__file__).name})")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    speed = measure()
    best = max(speed["theirs_64k"], speed["theirs_1k"])
    for side, value in speed.items():
        print(f"{side:14} {value:10,.0f} events/s   {value / best:5.2f} x")
    if asked.json:
        result = {
            "codec_events_s": round(speed["ours"]),
            "asterisk_ami_events_s": round(best),
            "ratio": round(speed["ours"] / best, 2),
            "full_read_ratio": round(speed["ours_in_full"] / best, 2),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
