"""Building the sounds folder with the real espeak-ng and sox."""

from __future__ import annotations

import json
import math
import shutil
import wave
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.reading import read_configuration
from callcentre.prompts.building import build_prompts
from callcentre.prompts.catalogue import Catalogue, PromptText, read_catalogue
from callcentre.prompts.errors import PromptsFaulty, ToolMissing
from callcentre.prompts.manifest import FILE, read_manifest
from callcentre.prompts.measure import measure, problems
from callcentre.prompts.music import build_music
from callcentre.prompts.sounds import Report, build_sounds, manifest, sound_file
from ivr.speech import every_sound
from ivr.wording import BEEP, PAUSE
from routing.ids import LanguageCode
from tests.integration.parts.stack import link

CONFIG = Path(__file__).parents[2] / "config"
WELCOME = PromptText("en", "welcome", "Welcome to the call centre.", "en")
PRESS = PromptText("ml", "press/1", "ഒന്ന് അമർത്തുക.", "ml")
SEVEN = PromptText("ml", "digits/7", "ഏഴ്", "ml")


def build(folder: Path, *prompts: PromptText) -> Report:
    return build_sounds(prompts, sounds_dir=folder / "sounds", recordings_dir=folder / "recordings")


def whole_site() -> Catalogue:
    configuration = read_configuration(CONFIG)
    return read_catalogue(configuration.texts.values(), configuration.helplines.values())


def record(folder: Path, name: str, amplitude: int) -> None:
    """A studio recording: 48 kHz stereo, a second of a tone between two of silence."""
    file = folder / "recordings" / f"{name}.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    tone = [round(amplitude * math.sin(math.tau * 440 * n / 48000)) for n in range(48000)]
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48000)
        sound.writeframes(array("h", [0] * 96000 + [s for s in tone for _ in (0, 1)] + [0] * 96000).tobytes())


class TestTheWholeSite:
    @pytest.mark.parametrize("language", read_configuration(CONFIG).site.languages)
    def test_is_spoken_well(self, sounds: Path, language: LanguageCode) -> None:
        folder = DataFolder(sounds).asterisk.sounds
        prompts = [prompt for prompt in whole_site().prompts if prompt.language == language]
        assert every_sound(language) <= {prompt.name for prompt in prompts}
        for prompt in prompts:
            # Measuring refuses what is not 8 kHz, 16 bits.
            sound = measure(folder / sound_file(language, prompt.name))
            if prompt.name != PAUSE:
                assert list(problems(sound, prompt.text)) == []
                assert sound.peak_dbfs == pytest.approx(-9.0 if prompt.name == BEEP else -3.0, abs=0.1)
                assert sound.leading_silence < 0.15

    def test_is_what_its_texts_say_and_no_more(self, sounds: Path) -> None:
        folder = DataFolder(sounds).asterisk.sounds
        current = manifest(whole_site().prompts, CONFIG / "recordings")
        assert read_manifest(folder) == current
        assert {file.relative_to(folder).as_posix() for file in folder.rglob("*.wav")} == current.keys()

    def test_is_not_made_again(self, sounds: Path, tmp_path: Path) -> None:
        own = DataFolder(tmp_path).asterisk
        shutil.copytree(DataFolder(sounds).asterisk.sounds, own.sounds, copy_function=link)
        said: list[str] = []
        report = build_prompts(read_configuration(CONFIG), CONFIG, own, progress=said.append)
        total = len(whole_site().prompts)
        assert (report.built, report.kept, report.removed) == ((), total, ())
        assert said == ["music waiting", f"0 prompts made, {total} kept, 0 removed"]


def test_progress_is_told_after_each_sound(tmp_path: Path) -> None:
    said: list[tuple[int, int, str]] = []
    build_sounds(
        [WELCOME, SEVEN],
        sounds_dir=tmp_path / "sounds",
        recordings_dir=tmp_path,
        progress=lambda done, total, name: said.append((done, total, name)),
    )
    assert said == [(1, 2, "en/cc/welcome.wav"), (2, 2, "ml/digits/7.wav")]


def test_the_tone_is_short_and_the_pause_alone_may_be_silent(tmp_path: Path) -> None:
    beep, pause = (PromptText("ml", name, "", "ml") for name in (BEEP, PAUSE))
    assert build(tmp_path, beep, pause).built == ("ml/cc/beep.wav", "ml/cc/pause.wav")
    sounds = {name: measure(tmp_path / f"sounds/ml/cc/{name}.wav") for name in (BEEP, PAUSE)}
    assert sounds[BEEP].seconds == pytest.approx(0.3, abs=0.01)
    assert sounds[BEEP].leading_silence < 0.02
    assert sounds[PAUSE].peak_dbfs == -math.inf
    assert 0.4 <= sounds[PAUSE].seconds <= 1
    assert build(tmp_path, beep, pause).kept == 2


def test_a_number_before_more_is_said_in_one_breath_with_it(tmp_path: Path) -> None:
    hundred = PromptText("ml", "number/100", "നൂറ്റി", "ml")
    build(tmp_path, hundred, replace(hundred, name="number/100-and"))
    alone, before_more = (measure(tmp_path / f"sounds/ml/cc/number/100{form}.wav") for form in ("", "-and"))
    assert alone.seconds - before_more.seconds == pytest.approx(0.21, abs=0.01)


def test_a_site_with_faulty_texts_is_told_all_of_them(tmp_path: Path) -> None:
    configuration = read_configuration(CONFIG)
    english = configuration.texts[LanguageCode("en")]
    faulty = replace(english, prompts={**english.prompts, "welcome": "Call 155300", "person": "!"})
    with pytest.raises(PromptsFaulty) as refused:
        build_prompts(
            replace(configuration, texts={LanguageCode("en"): faulty}), CONFIG, DataFolder(tmp_path).asterisk
        )
    assert {fault.key for fault in refused.value.faults} == {"prompts.welcome", "prompts.person"}
    assert list(tmp_path.iterdir()) == []


def test_only_what_changed_is_made_again(tmp_path: Path) -> None:
    first = build(tmp_path, WELCOME, PRESS, SEVEN)
    assert first.built == ("en/cc/welcome.wav", "ml/cc/press/1.wav", "ml/digits/7.wav")
    assert build(tmp_path, WELCOME, PRESS, SEVEN) == Report((), 3, (), ())
    reworded = PromptText("en", "welcome", "Good day to you, citizen.", "en")
    assert build(tmp_path, reworded, PRESS, SEVEN).built == ("en/cc/welcome.wav",)
    (tmp_path / "sounds/ml/digits/7.wav").unlink()
    assert build(tmp_path, reworded, PRESS, SEVEN).built == ("ml/digits/7.wav",)


def test_the_same_text_gives_the_same_sound(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        build(tmp_path / folder, WELCOME)
    sounds = {(tmp_path / folder / "sounds/en/cc/welcome.wav").read_bytes() for folder in ("one", "other")}
    assert len(sounds) == 1


def test_a_prompt_nobody_asks_for_any_more_goes_and_a_strangers_file_stays(tmp_path: Path) -> None:
    build(tmp_path, WELCOME, SEVEN)
    strange = tmp_path / "sounds/en/cc/strange.wav"
    strange.write_bytes(b"")
    assert build(tmp_path, WELCOME).removed == ("ml/digits/7.wav",)
    assert not (tmp_path / "sounds/ml/digits/7.wav").exists()
    assert strange.exists()


def test_a_spoilt_manifest_means_all_is_made_again(tmp_path: Path) -> None:
    build(tmp_path, WELCOME)
    (tmp_path / "sounds" / FILE).write_text("{", encoding="utf-8")
    assert build(tmp_path, WELCOME).built == ("en/cc/welcome.wav",)
    assert list(json.loads((tmp_path / "sounds" / FILE).read_text(encoding="utf-8"))) == ["en/cc/welcome.wav"]


class TestRecordings:
    def test_a_recording_replaces_the_voice_in_asterisks_form(self, tmp_path: Path) -> None:
        build(tmp_path, WELCOME)
        record(tmp_path, "en/welcome", 3000)
        assert build(tmp_path, WELCOME).built == ("en/cc/welcome.wav",)
        sound = measure(tmp_path / "sounds/en/cc/welcome.wav")
        assert sound.seconds == pytest.approx(1.25, abs=0.1)
        assert sound.peak_dbfs == pytest.approx(-3.0, abs=0.1)
        (tmp_path / "recordings/en/welcome.wav").unlink()
        assert build(tmp_path, WELCOME).built == ("en/cc/welcome.wav",)

    def test_a_new_take_is_noticed(self, tmp_path: Path) -> None:
        for amplitude, made in ((3000, 1), (3000, 0), (9000, 1)):
            record(tmp_path, "en/welcome", amplitude)
            assert len(build(tmp_path, WELCOME).built) == made

    @pytest.mark.parametrize("silent", [True, False])
    def test_a_spoilt_recording_is_named_and_the_old_sound_stays(self, tmp_path: Path, silent: bool) -> None:
        build(tmp_path, WELCOME, SEVEN)
        before = (tmp_path / "sounds/en/cc/welcome.wav").read_bytes()
        record(tmp_path, "en/welcome", 0)
        if not silent:
            (tmp_path / "recordings/en/welcome.wav").write_bytes(b"no sound at all")
        report = build(tmp_path, WELCOME, SEVEN)
        assert report.built == ()
        assert {fault.file for fault in report.faults} == {str(tmp_path / "recordings/en/welcome.wav")}
        assert "Record it again" in str(report.faults[0])
        assert (tmp_path / "sounds/en/cc/welcome.wav").read_bytes() == before
        assert build(tmp_path, WELCOME, SEVEN).faults == report.faults

    def test_a_spoilt_one_keeps_everything_out_when_it_is_to_be_whole(self, tmp_path: Path) -> None:
        build(tmp_path, WELCOME, PRESS)
        manifest = (tmp_path / "sounds" / FILE).read_bytes()
        record(tmp_path, "en/welcome", 0)
        sounds, recordings = tmp_path / "sounds", tmp_path / "recordings"
        report = build_sounds([WELCOME, SEVEN], sounds_dir=sounds, recordings_dir=recordings, whole=True)
        assert (report.built, report.removed, bool(report.faults)) == ((), (), True)
        assert not (sounds / "ml/digits/7.wav").exists()
        assert (sounds / "ml/cc/press/1.wav").exists()
        assert (sounds / FILE).read_bytes() == manifest
        record(tmp_path, "en/welcome", 3000)
        report = build_sounds([WELCOME, SEVEN], sounds_dir=sounds, recordings_dir=recordings, whole=True)
        assert set(report.built) == {"en/cc/welcome.wav", "ml/digits/7.wav"}
        assert report.removed == ("ml/cc/press/1.wav",)


def test_an_unknown_voice_is_the_texts_fault_and_the_rest_is_made(tmp_path: Path) -> None:
    report = build(tmp_path, PromptText("xx", "welcome", "hello", "xx"), SEVEN)
    assert report.built == ("ml/digits/7.wav",)
    (fault,) = report.faults
    assert fault.file == "texts/xx.toml"
    assert "espeak-ng ended with" in fault.problem


def test_a_missing_program_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="apt install espeak-ng"):
        build(tmp_path, WELCOME)


def test_the_waiting_music_is_made_once_and_soft(tmp_path: Path) -> None:
    assert build_music(tmp_path, "waiting")
    assert not build_music(tmp_path, "waiting")
    sound = measure(tmp_path / "waiting/mohanam.wav")
    assert 40 <= sound.seconds <= 60
    assert sound.peak_dbfs == pytest.approx(-12, abs=0.5)
    assert sound.rms_dbfs < -20
    assert sorted(file.name for file in (tmp_path / "waiting").iterdir()) == [FILE, "mohanam.wav"]
