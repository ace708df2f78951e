"""How patient one AMI link is, and how much it lets itself be made to hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from callcentre.telephony.ami.codec import DecoderLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiLimits:
    """How long, in seconds, and for how much one link waits."""

    decoder: DecoderLimits = field(default_factory=DecoderLimits)
    # Asterisk sleeps a second before it refuses a login.
    login_within: float = 5.0
    # Loading every module takes some seconds; a minute means something is wrong, and we say what.
    boot_within: float = 60.0
    # A Redirect takes 0.2 ms; after two seconds the caller is better served by the next decision.
    action_within: float = 2.0
    # Thousands of channels come at tens of thousands a second.
    list_within: float = 10.0
    # The waiting room falls back to the native queue after about 3 s without beat: three beats fit in.
    ping_every: float = 1.0
    # Asterisk answers in 0.2 ms; a pause this long means the peer is gone or of no use.
    pong_within: float = 3.0
    # Asterisk closes at once after Logoff.
    leave_within: float = 1.0
    # A switch on the same network answers in milliseconds.
    connect_within: float = 3.0
    # Quick at first, because callers fall back to the native queue meanwhile; then easy on a dead switch.
    first_pause: float = 0.2
    longest_pause: float = 5.0
    # A link that lasted this long has recovered: the next loss starts from the first pause again.
    steady_after: float = 10.0
    # More than a resynchronisation of a full switch ever has in flight.
    pending_actions: int = 4_096
    # More channels than one switch can carry.
    list_events: int = 50_000
