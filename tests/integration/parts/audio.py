"""Whether anybody hears anything: packets of audio, counted by Asterisk."""

from __future__ import annotations

import re

from tests.integration.parts.witness import Witness

# 50 packets of 20 ms.
A_SECOND = 50


def packets(witness: Witness) -> dict[str, tuple[int, int]]:
    """RTP packets received and sent, of each channel."""
    # BridgeId ChannelId UpTime Codec, received: Count Lost Pct Jitter, sent: Count Lost Pct Jitter, RTT
    row = re.compile(r"^\s*(?:\S+\s+)?(\S+)\s+[\d:]+\s+\w+\s+(\d+)\s+\d+\s+\d+\s+[\d.]+\s+(\d+)\s")
    lines = witness.command("pjsip show channelstats")
    return {m[1]: (int(m[2]), int(m[3])) for m in map(row.match, lines) if m}
