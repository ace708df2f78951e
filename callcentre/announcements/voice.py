"""Speaks announcements into the sounds folder while callers are on the line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from callcentre.announcements.listeners import prompt_name
from callcentre.in_thread import InThread
from callcentre.prompts.catalogue import PromptText
from callcentre.prompts.sounds import sound_file, speak


class Voice:
    """The sounds of announcements: ``<sounds>/<language>/cc/announcement/<id>.wav``."""

    def __init__(self, sounds: Path, *, in_thread: InThread) -> None:
        """*in_thread* waits for the programs."""
        self._sounds = sounds
        self._in_thread = in_thread

    async def speak(self, prompts: Sequence[PromptText]) -> set[PromptText]:
        """Have them said; return those of which nothing came that callers could be given.

        Raises ToolMissing.
        """
        return set(await self._in_thread(lambda: speak(prompts, self._sounds)))

    def has(self, prompts: Sequence[PromptText]) -> bool:
        """Whether there is a sound for each of them."""
        return all((self._sounds / sound_file(prompt.language, prompt.name)).is_file() for prompt in prompts)

    def sound(self, announcement: str, language: str) -> bytes | None:
        """The sound itself, to be heard in the console; *language* is one of the site's."""
        try:
            return (self._sounds / sound_file(language, prompt_name(announcement))).read_bytes()
        except FileNotFoundError:
            return None

    def forget(self, announcement: str) -> None:
        """Remove its sounds."""
        for file in self._sounds.glob(f"*/cc/{prompt_name(announcement)}.wav"):
            file.unlink(missing_ok=True)

    def forget_all_but(self, announcements: Collection[str]) -> None:
        """Remove the sounds of all others, which an earlier process left."""
        for file in self._sounds.glob(f"*/cc/{prompt_name('*')}.wav"):
            if file.stem not in announcements:
                file.unlink(missing_ok=True)
