"""Listens to a sound with a ruler: can Asterisk play it, is it loud enough, as long as its words.

Levels are in dB below full scale (dBFS): 0 is the loudest 16 bits can say, a square wave of it.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callcentre.prompts.errors import NotPlayable

# What Asterisk's format_wav plays without conversion.
RATE_HZ = 8000
SAMPLE_BYTES = 2
FULL_SCALE = 32768
# Below it is room noise: quieter than the codec's own (a-law has about 38 dB of signal to noise).
HEARD_FROM_DBFS = -40.0
# espeak-ng normalised to a peak of -3 lies near -20; a whisper of a recording lies below -40.
MIN_RMS_DBFS = -36.0
# Samples at full scale: something was cut off on the way.
MAX_PEAK_DBFS = -0.1
# A caller who hears nothing for longer believes the line is dead.
MAX_LEADING_SILENCE_SECONDS = 0.5
# The shortest word, a digit, takes a fifth of a second.
MIN_SECONDS = 0.12
# Measured over the site's texts: 0.05 to 0.11 s a character, with short words up to 0.3.
MIN_SECONDS_PER_CHARACTER = 0.02
MAX_SECONDS_PER_CHARACTER = 0.30
MAX_SECONDS_BESIDE = 1.0


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured: lengths in seconds, levels in dBFS (minus infinity for digital silence)."""

    seconds: float
    peak_dbfs: float
    rms_dbfs: float
    leading_silence: float


def measure(file: Path) -> Sound:
    """Measure the WAV *file*.  Raises `NotPlayable`."""
    samples = _samples(file)
    peak = max((abs(sample) for sample in samples), default=0)
    power = sum(sample * sample for sample in samples)
    return Sound(
        seconds=len(samples) / RATE_HZ,
        peak_dbfs=_dbfs(peak),
        rms_dbfs=_dbfs(math.sqrt(power / len(samples))) if samples else -math.inf,
        leading_silence=_leading(samples) / RATE_HZ,
    )


def problems(sound: Sound, text: str) -> Iterator[str]:
    """What is wrong with *sound* as the spoken form of *text*; nothing when it can be put before callers."""
    longest = MAX_SECONDS_BESIDE + len(text) * MAX_SECONDS_PER_CHARACTER
    shortest = max(MIN_SECONDS, len(text) * MIN_SECONDS_PER_CHARACTER)
    if sound.rms_dbfs < MIN_RMS_DBFS:
        yield f"is silent or nearly so ({sound.rms_dbfs:.0f} dBFS)"
    if sound.peak_dbfs > MAX_PEAK_DBFS:
        yield f"is clipped (peak {sound.peak_dbfs:.1f} dBFS)"
    if sound.leading_silence > MAX_LEADING_SILENCE_SECONDS:
        yield f"begins with {sound.leading_silence:.1f} s of silence"
    if not shortest <= sound.seconds <= longest:
        yield f"lasts {sound.seconds:.1f} s; its text takes {shortest:.1f} to {longest:.1f} s"


def _samples(file: Path) -> array[int]:
    try:
        with wave.open(str(file), "rb") as sound:
            form = (sound.getframerate(), sound.getsampwidth(), sound.getnchannels())
            frames = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        # WAVE_FORMAT_EXTENSIBLE, which Asterisk refuses too, ends here as «unknown format: 65534».
        raise NotPlayable(f"{file}: not a plain PCM WAV: {error}") from error
    if form != (RATE_HZ, SAMPLE_BYTES, 1):
        raise NotPlayable(f"{file}: {form[0]} Hz, {8 * form[1]} bits, {form[2]} channels")
    samples = array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _leading(samples: array[int]) -> int:
    heard = FULL_SCALE * 10 ** (HEARD_FROM_DBFS / 20)
    return next((place for place, sample in enumerate(samples) if abs(sample) > heard), len(samples))


def _dbfs(level: float) -> float:
    return 20 * math.log10(level / FULL_SCALE) if level else -math.inf
