"""Makes the tune of the waiting room: a plucked melody over a soft drone, quiet enough to be spoken over.

The notes are Mohanam (S R2 G3 P D2), five tones without a half-step between any two: whichever follow each
other, it sounds calm.  Made here, so nobody's rights are touched; any WAV put beside it is played as well.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from callcentre.prompts.manifest import fingerprint, read_manifest, write_manifest
from callcentre.prompts.measure import RATE_HZ, measure
from callcentre.prompts.tools import SOX, WAV_FORM, require, run

NAME = "mohanam.wav"
BEAT_SECONDS = 0.8
# A plucked string has died away by then.
NOTE_SECONDS = 3.0
# Middle C is Sa: lower, and a telephone (300 to 3400 Hz) would not carry the tune.
HERTZ = {"S": 261.63, "R": 293.66, "G": 329.63, "P": 392.00, "D": 440.00, "s": 523.25, "r": 587.33, ".": 0.0}
PHRASES = ("S.GPG.R.", "G.PDP.G.", "P.Dsr.s.", "D.PGR.S.", "G.P.D.P.", "s.DPD.P.", "GRG.P.G.", "R.GRS...")
# Sa and Pa, each a little off itself, so that they breathe like a tanpura instead of humming like a fault.
DRONE_HERTZ = (261.63, 262.0, 392.0, 392.4)
# The peak: half the voice's, since the caller may wait for minutes with the phone at the ear.
PEAK_DBFS = "-12"


def build_music(music_dir: Path, name: str) -> bool:
    """Make ``<music_dir>/<name>/mohanam.wav`` unless it is already as here described; True when made.

    *name*: the music class of the waiting room.

    Raises `ToolMissing`, `ToolFailed`.
    """
    folder = music_dir / name
    ingredients = {NAME: fingerprint(Path(__file__).read_bytes())}
    if read_manifest(folder) == ingredients and (folder / NAME).is_file():
        return False
    require(SOX)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".making-") as workshop:
        finished = _make(Path(workshop))
        measure(finished)
        finished.replace(folder / NAME)
    write_manifest(folder, ingredients)
    return True


def _make(workshop: Path) -> Path:
    melody, drone, finished = workshop / "melody.wav", workshop / "drone.wav", workshop / NAME
    seconds = len("".join(PHRASES)) * BEAT_SECONDS
    _synthesise(melody, _melody())
    _synthesise(drone, _drone(seconds + NOTE_SECONDS))
    ending = ["trim", "0", str(seconds), "fade", "t", "2", str(seconds), "3"]
    mixed = ["-m", "-v", "1", str(melody), "-v", "0.12", str(drone)]
    run(SOX, ["-D", *mixed, *WAV_FORM, str(finished), *ROOM, *ending, "norm", PEAK_DBFS])
    return finished


def _synthesise(file: Path, effects: list[str]) -> None:
    # -R: sox's own chance always begins alike, so the same tune comes out each time.
    run(SOX, ["-R", "-D", "-n", "-r", str(RATE_HZ), *WAV_FORM[:-2], str(file), *effects])


def _melody() -> list[str]:
    notes = [(beat, HERTZ[name]) for beat, name in enumerate("".join(PHRASES)) if HERTZ[name]]
    plucks = [word for _, hertz in notes for word in ("pluck", str(hertz))]
    starts = [f"{beat * BEAT_SECONDS:.2f}" for beat, _ in notes]
    return [
        "synth",
        str(NOTE_SECONDS),
        *plucks,
        "fade",
        "t",
        "0",
        str(NOTE_SECONDS),
        "0.5",
        "delay",
        *starts,
        *MIX,
    ]


def _drone(seconds: float) -> list[str]:
    tones = [word for hertz in DRONE_HERTZ for word in ("sine", str(hertz))]
    return ["synth", str(seconds), *tones, *MIX, "tremolo", "0.2", "30"]


# A stereo depth of 0: otherwise sox makes two channels of one, and the effects after it count them as time.
ROOM = ("highpass", "150", "lowpass", "2200", "reverb", "35", "50", "100", "0")
MIX = ("remix", "-", "norm", "-6")
"""All notes into one channel."""
