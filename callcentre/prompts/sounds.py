"""Makes the sounds folder: each prompt spoken by espeak-ng, or taken from a studio recording of its name.

Where things lie: ``<sounds>/<language>/cc/<name>.wav``, and ``<sounds>/<language>/digits/<d>.wav``, where
Asterisk's own SayDigits looks; recordings in ``config/recordings/<language>/<name>.wav``.  Only what changed
is made again.  A sound replaces its predecessor in one step, so a running Asterisk never plays half of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from callcentre.configuration.faults import Fault
from callcentre.prompts.catalogue import PromptText
from callcentre.prompts.errors import NotPlayable, ToolFailed
from callcentre.prompts.manifest import fingerprint, read_manifest, write_manifest
from callcentre.prompts.measure import RATE_HZ, measure, problems
from callcentre.prompts.tone import SILENT, TONES, make_tone
from callcentre.prompts.tools import ESPEAK, SOX, WAV_FORM, require, run
from ivr.speech import BEFORE_MORE

WORDS_PER_MINUTE = 140
"""espeak-ng's own 175 is too fast for a menu heard once, over a bad line, by someone with a worry."""
# Seconds left before and behind, so that prompts in a row do not collide; but a number is said in one breath.
BREATH, NO_BREATH = ("0.05", "0.2"), ("0.02", "0.02")
# Trimmed at both ends.
SPEECH_SHAPE = (
    ("rate", str(RATE_HZ)),
    ("silence", "1", "0.01", "0.5%"),
    ("reverse",),
    ("silence", "1", "0.01", "0.5%"),
    ("reverse",),
    # The peak's distance from full scale: what codecs and gateways on the way add must still fit.
    ("norm", "-3"),
)
# The machine has few processors, and calls may be in progress on it.
WORKERS = 2

Progress = Callable[[int, int, str], None]
"""Called after each sound with how many are done, how many there are, and which it was."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did; a prompt with a fault keeps the sound it had, or has none."""

    built: tuple[str, ...]
    kept: int
    removed: tuple[str, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One sound to be made: from what, and what its ingredients' fingerprint is."""

    prompt: PromptText
    recording: Path | None
    fingerprint: str

    @property
    def target(self) -> str:
        """The sound's file below the sounds folder."""
        return sound_file(self.prompt.language, self.prompt.name)

    @property
    def shape(self) -> tuple[tuple[str, ...], ...]:
        """The effects of sox that make of its source what callers hear."""
        breath = NO_BREATH if self.prompt.name.endswith(BEFORE_MORE) else BREATH
        return (*SPEECH_SHAPE, ("pad", *breath))

    @property
    def is_silence(self) -> bool:
        """Whether it is to be silent, and not for want of a voice."""
        return self.recording is None and self.prompt.name in SILENT


def sound_file(language: str, name: str) -> str:
    """Where the sound of a prompt is below the sounds folder."""
    folder = "" if name.startswith("digits/") else "cc/"
    return f"{language}/{folder}{name}.wav"


def build_sounds(
    prompts: Iterable[PromptText],
    *,
    sounds_dir: Path,
    recordings_dir: Path,
    progress: Progress = lambda done, total, name: None,
    whole: bool = False,
) -> Report:
    """Bring *sounds_dir* up to date; with *whole*, wholly or not at all.

    Raises `ToolMissing`; every other fault is in the report.
    """
    orders = [_order(prompt, recordings_dir) for prompt in prompts]
    known = read_manifest(sounds_dir)
    due = [order for order in orders if not _is_current(order, sounds_dir, known)]
    if due:
        require(ESPEAK, SOX)
    sounds_dir.mkdir(parents=True, exist_ok=True)
    faults = _make_all(due, sounds_dir, progress, whole=whole)
    if whole and faults:
        return Report((), len(orders) - len(due), (), _flat(faults))
    failed = {order.target for order in due if faults.get(order.target)}
    current = {order.target: order.fingerprint for order in orders if order.target not in failed}
    removed = _remove(known.keys() - {order.target for order in orders}, sounds_dir)
    write_manifest(sounds_dir, current)
    return Report(
        built=tuple(order.target for order in due if order.target not in failed),
        kept=len(orders) - len(due),
        removed=removed,
        faults=_flat(faults),
    )


def _flat(faults: dict[str, list[Fault]]) -> tuple[Fault, ...]:
    return tuple(fault for found in faults.values() for fault in found)


def speak(prompts: Iterable[PromptText], sounds_dir: Path) -> dict[PromptText, list[Fault]]:
    """Make these sounds now, beside those of a build, which neither knows nor removes them.

    Returns the faults of each that has any.  Raises `ToolMissing`.
    """
    require(ESPEAK, SOX)
    sounds_dir.mkdir(parents=True, exist_ok=True)
    orders = [Order(prompt, recording=None, fingerprint="") for prompt in prompts]
    faults = _make_all(orders, sounds_dir, progress=lambda done, total, name: None, whole=False)
    return {order.prompt: faults[order.target] for order in orders if order.target in faults}


def manifest(prompts: Iterable[PromptText], recordings_dir: Path) -> dict[str, str]:
    """What the manifest of the sounds folder says when it is up to date with *prompts*."""
    return {order.target: order.fingerprint for order in (_order(p, recordings_dir) for p in prompts)}


def _order(prompt: PromptText, recordings_dir: Path) -> Order:
    recording = recordings_dir / prompt.language / f"{prompt.name}.wav"
    if recording.is_file():
        return Order(prompt, recording, _fingerprint(prompt, recording.read_bytes()))
    return Order(prompt, None, _fingerprint(prompt, prompt.voice))


def _fingerprint(prompt: PromptText, source: str | bytes) -> str:
    shape = repr((WORDS_PER_MINUTE, WAV_FORM, SPEECH_SHAPE, BREATH, NO_BREATH, TONES.get(prompt.name)))
    return fingerprint(shape, prompt.text, source)


def _is_current(order: Order, sounds_dir: Path, known: dict[str, str]) -> bool:
    return known.get(order.target) == order.fingerprint and (sounds_dir / order.target).is_file()


def _make_all(
    due: Sequence[Order], sounds_dir: Path, progress: Progress, *, whole: bool
) -> dict[str, list[Fault]]:
    """The faults of each sound that has any; with *whole*, any fault keeps all of them out."""
    faults: dict[str, list[Fault]] = {}
    with (
        TemporaryDirectory(dir=sounds_dir, prefix=".making-") as workshop,
        ThreadPoolExecutor(max_workers=WORKERS) as pool,
    ):
        made = pool.map(lambda order: _make(order, Path(workshop)), due)
        for done, (order, found) in enumerate(zip(due, made, strict=True), start=1):
            if found:
                faults[order.target] = found
            elif not whole:
                _put(order.target, Path(workshop), sounds_dir)
            progress(done, len(due), order.target)
        for order in due if whole and not faults else ():
            _put(order.target, Path(workshop), sounds_dir)
    return faults


def _put(target: str, workshop: Path, sounds_dir: Path) -> None:
    (sounds_dir / target).parent.mkdir(parents=True, exist_ok=True)
    (workshop / target).replace(sounds_dir / target)


def _make(order: Order, workshop: Path) -> list[Fault]:
    finished = workshop / order.target
    finished.parent.mkdir(parents=True, exist_ok=True)
    try:
        _sound(order, finished)
        measured = measure(finished)
        found = [] if order.is_silence else list(problems(measured, order.prompt.text))
    except (ToolFailed, NotPlayable) as error:
        found = [str(error)]
    return [_fault(order, problem) for problem in found]


def _sound(order: Order, finished: Path) -> None:
    if order.recording is None and order.prompt.name in TONES:
        make_tone(order.prompt.name, finished)
    else:
        source = _source(order, finished.with_suffix(".spoken.wav"))
        effects = [word for effect in order.shape for word in effect]
        # -D: no dither, so that the same text always gives the same file.
        run(SOX, ["-D", str(source), *WAV_FORM, str(finished), *effects])


def _source(order: Order, spoken: Path) -> Path:
    if order.recording is not None:
        return order.recording
    speed = str(WORDS_PER_MINUTE)
    run(
        ESPEAK,
        ["--stdin", "-v", order.prompt.voice, "-s", speed, "-w", str(spoken)],
        spoken=order.prompt.text,
    )
    return spoken


def _fault(order: Order, problem: str) -> Fault:
    prompt = order.prompt
    if order.recording is not None:
        return Fault(str(order.recording), prompt.name, problem, "Record it again, or remove the recording.")
    return Fault(f"texts/{prompt.language}.toml", prompt.name, problem, "Reword the text, or record it.")


def _remove(stale: Iterable[str], sounds_dir: Path) -> tuple[str, ...]:
    """Remove sounds an earlier build made and no text asks for any more; nothing else is ever touched."""
    removed = tuple(sorted(stale))
    for target in removed:
        (sounds_dir / target).unlink(missing_ok=True)
    return removed
