"""Key presses as telephone events in an RTP stream (RFC 4733), as recordings that SIPp plays.

SIPp's own recordings have one timestamp for each key for ever, and Asterisk takes a key whose timestamp is no
later than the last one's for a repetition of it: ``#`` and then ``1`` would be one key.
"""

from __future__ import annotations

import struct
from pathlib import Path

EVENTS = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}
PAYLOAD_TYPE, MARKER, END, VOLUME = 101, 0x80, 0x80, 10
SSRC = 0x5EED
SAMPLES_A_PACKET, PACKET_MICROSECONDS = 160, 20_000
# 160 ms of key, and the end told three times (RFC 4733, 2.5.1.4).
PACKETS, ENDS = 8, 3
# Between two keys, so that their timestamps rise.
SAMPLES_A_PRESS = 8_000
FIRST_SEQUENCE, FIRST_TIMESTAMP = 1_000, 16_000
ETHERNET, LINK_HEADER = 1, bytes(12) + b"\x08\x00"
UDP_PORTS = (49_152, 10_000)


def recorded(folder: Path, key: str, *, place: int) -> Path:
    """The recording of *key* as the *place*-th press of a call, made in *folder* when it is not there yet."""
    path = folder / f"key-{EVENTS[key]}-{place}.pcap"
    if not path.exists():
        path.write_bytes(_pcap(list(_press(EVENTS[key], place))))
    return path


def _press(event: int, place: int) -> list[bytes]:
    timestamp = FIRST_TIMESTAMP + place * SAMPLES_A_PRESS
    sequence = FIRST_SEQUENCE + place * (PACKETS + ENDS)
    return [
        _rtp(sequence + n, timestamp, event, samples=SAMPLES_A_PACKET * min(n + 1, PACKETS), number=n)
        for n in range(PACKETS + ENDS)
    ]


def _rtp(sequence: int, timestamp: int, event: int, *, samples: int, number: int) -> bytes:
    marked = PAYLOAD_TYPE | (MARKER if number == 0 else 0)
    ended = VOLUME | (END if number >= PACKETS else 0)
    header = struct.pack("!BBHII", 0x80, marked, sequence, timestamp, SSRC)
    return header + struct.pack("!BBH", event, ended, samples)


def _pcap(payloads: list[bytes]) -> bytes:
    """The packets, twenty milliseconds apart."""
    told = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, ETHERNET)]
    for number, payload in enumerate(payloads):
        frame = LINK_HEADER + _ip(payload)
        told.append(struct.pack("<IIII", 0, number * PACKET_MICROSECONDS, len(frame), len(frame)) + frame)
    return b"".join(told)


def _ip(payload: bytes) -> bytes:
    """In UDP over IPv4; SIPp puts in addresses, ports and checksums of its own."""
    udp = struct.pack("!HHHH", *UDP_PORTS, 8 + len(payload), 0) + payload
    return struct.pack("!BBHHHBBHII", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, 0, 0) + udp
