"""Measuring sounds whose lengths and levels are known, and naming what is wrong with them."""

from __future__ import annotations

import math
import struct
import wave
from array import array
from pathlib import Path

import pytest

from callcentre.prompts.errors import NotPlayable
from callcentre.prompts.measure import RATE_HZ, Sound, measure, problems

GOOD = Sound(seconds=2.0, peak_dbfs=-3.0, rms_dbfs=-20.0, leading_silence=0.05)
TEXT = "For English, press two."


def write(file: Path, samples: list[int], *, rate: int = RATE_HZ, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(array("h", samples).tobytes())
    return file


def tone(seconds: float, amplitude: int) -> list[int]:
    return [
        round(amplitude * math.sin(math.tau * 500 * n / RATE_HZ)) for n in range(round(seconds * RATE_HZ))
    ]


def test_a_tone_after_silence(tmp_path: Path) -> None:
    sound = measure(write(tmp_path / "a.wav", [0] * 2000 + tone(0.75, 16384)))
    assert sound.seconds == 1.0
    assert sound.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    # A sine's power is half its peak's (-3.01 dB); a quarter of the time is silent (-1.25 dB).
    assert sound.rms_dbfs == pytest.approx(-6.02 - 3.01 - 1.25, abs=0.01)
    assert sound.leading_silence == pytest.approx(0.25, abs=0.001)


def test_full_scale_is_zero(tmp_path: Path) -> None:
    sound = measure(write(tmp_path / "a.wav", [-32768] * 800))
    assert (sound.peak_dbfs, sound.rms_dbfs, sound.leading_silence) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("samples", [[], [0] * 800])
def test_silence_has_no_level_and_leads_all_the_way(tmp_path: Path, samples: list[int]) -> None:
    sound = measure(write(tmp_path / "a.wav", samples))
    assert sound == Sound(len(samples) / RATE_HZ, -math.inf, -math.inf, len(samples) / RATE_HZ)
    assert "is silent or nearly so (-inf dBFS)" in problems(sound, "x")


class TestWhatAsteriskCannotPlay:
    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"rate": 16000}, "16000 Hz, 16 bits, 1 channels"),
            ({"channels": 2}, "8000 Hz, 16 bits, 2 channels"),
            ({"width": 1}, "8000 Hz, 8 bits, 1 channels"),
        ],
    )
    def test_another_form(self, tmp_path: Path, form: dict[str, int], said: str) -> None:
        with pytest.raises(NotPlayable, match=said):
            measure(write(tmp_path / "a.wav", [1, 2, 3, 4], **form))

    def test_an_extensible_header(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.wav", tone(0.1, 9000))
        content = bytearray(file.read_bytes())
        content[20:22] = struct.pack("<H", 0xFFFE)
        file.write_bytes(content)
        with pytest.raises(NotPlayable, match="65534"):
            measure(file)

    @pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3\x03 an mp3"])
    def test_no_wav_at_all(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "a.wav"
        file.write_bytes(content)
        with pytest.raises(NotPlayable, match="not a plain PCM WAV"):
            measure(file)


def test_a_good_prompt_has_no_problems() -> None:
    assert list(problems(GOOD, TEXT)) == []


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (Sound(2.0, -30.0, -45.0, 0.05), "is silent or nearly so (-45 dBFS)"),
        (Sound(2.0, 0.0, -10.0, 0.05), "is clipped (peak 0.0 dBFS)"),
        (Sound(2.0, -3.0, -20.0, 0.8), "begins with 0.8 s of silence"),
        (Sound(0.2, -3.0, -20.0, 0.05), "lasts 0.2 s; its text takes 0.5 to 7.9 s"),
        (Sound(30.0, -3.0, -20.0, 0.05), "lasts 30.0 s; its text takes 0.5 to 7.9 s"),
    ],
)
def test_each_problem_is_named(sound: Sound, said: str) -> None:
    assert list(problems(sound, TEXT)) == [said]
