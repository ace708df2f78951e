"""SIPp as callers and as agents' desk phones."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.integration.parts import sipp_scenarios
from tests.integration.parts.ports import free_port, free_range
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import Step

# Callers come from the trunk's address, phones from another: config/callcentre.toml.
TRUNK, PHONES = "127.0.0.2", "127.0.0.1"
BUSY, DECLINE = "486 Busy Here", "603 Decline"
TONE_SECONDS = 10
# More than a call of ours needs: SIPp takes two for each rtp_stream.
PORTS_A_CALL = 4
CITIZENS_AT_ONCE = 50


class Sipp:
    """Starts SIPp against one Asterisk; scenarios and lists are written into *folder*."""

    def __init__(self, folder: Path, *, sip_port: int, address: str = "127.0.0.1") -> None:
        if shutil.which("sipp") is None:
            raise AssertionError("SIPp is missing: install the Debian package sip-tester, or use bin/test")
        self._folder = folder
        self._server = f"{address}:{sip_port}"
        self._started: list[Program] = []
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._tone = folder / "tone.alaw"
        _write_tone(self._tone)

    def call(
        self,
        number: str,
        steps: Sequence[Step],
        *,
        callers: Sequence[str] = ("9447012345",),
        rate: float = 10.0,
        at_once: int = 1000,
        silent: bool = False,
    ) -> Program:
        """One call from each of *callers* to *number*, *rate* a second; ends with 0 when all went as planned.

        A caller is a number, or ``"name" number`` with a display name.  No more than *at_once* of them are in
        calls at a time.  *silent* ones send no audio.
        """
        first, _ = free_range(min(len(callers), at_once) * PORTS_A_CALL)
        lines = ["SEQUENTIAL", *(";".join(_name_and_number(caller)) + ";" for caller in callers)]
        return self._start(
            sipp_scenarios.caller(steps, tone=None if silent else str(self._tone), recordings=self._folder),
            lines,
            [
                "-i",
                TRUNK,
                "-s",
                number,
                "-m",
                str(len(callers)),
                "-r",
                str(rate),
                "-mp",
                str(first),
                "-l",
                str(at_once),
            ],
        )

    def phones(
        self,
        secrets: Mapping[str, str],
        *,
        answer_after: float | None = 0.1,
        hang_up_after: float | None = None,
    ) -> Program:
        """Desk phones, registered when this returns.

        They answer so long after ringing (None: never), and hang up so long after that (None: not).
        """
        return self._phones(
            secrets, sipp_scenarios.phone(answer_after=answer_after, hang_up_after=hang_up_after)
        )

    def citizens(self, port: int, *, answer_after: float | None = 0.1) -> Program:
        """Whoever is called through the gateway at *port*: they answer so long after ringing; None: busy."""
        answering = sipp_scenarios.phone(answer_after=answer_after, tone=str(self._tone))
        scenario = sipp_scenarios.refusing_phone(BUSY) if answer_after is None else answering
        media, _ = free_range(CITIZENS_AT_ONCE * PORTS_A_CALL)
        options = ["-i", TRUNK, "-mp", str(media), "-l", str(CITIZENS_AT_ONCE)]
        return self._start(scenario, None, options, port=port)

    def unregister(self, secrets: Mapping[str, str]) -> None:
        """Desk phones that go away, saying so."""
        self._register(secrets, port=free_port(), scenario=sipp_scenarios.registration(leaving=True))

    def refusing_phones(self, secrets: Mapping[str, str], status: str = BUSY) -> Program:
        """Desk phones that take no call, registered when this returns."""
        return self._phones(secrets, sipp_scenarios.refusing_phone(status))

    def _phones(self, secrets: Mapping[str, str], scenario: str) -> Program:
        port, (media, _) = free_port(), free_range(4)
        # Asterisk calls a phone back where its registration came from, so both use one port, in turn.
        self._register(secrets, port=port)
        return self._start(
            scenario, None, ["-i", PHONES, "-mp", str(media), "-rtp_echo", "-l", "1000"], port=port
        )

    def _register(
        self, secrets: Mapping[str, str], *, port: int, scenario: str = sipp_scenarios.registration()
    ) -> None:
        # SIPp expands no field within [authentication …], but a field may hold all of it.
        answers = {n: f"[authentication username={n} password={s}]" for n, s in secrets.items()}
        lines = ["SEQUENTIAL", *(f"{number};{answer};" for number, answer in answers.items())]
        options = ["-i", PHONES, "-m", str(len(secrets)), "-r", "100"]
        done = self._start(scenario, lines, options, port=port)
        if done.wait(20.0) != 0:
            raise AssertionError("phones could not register:\n" + "\n".join(done.lines[-30:]))

    def stop(self) -> None:
        """End whatever still runs."""
        for program in self._started:
            program.stop()

    def _start(
        self, scenario: str, lines: Sequence[str] | None, options: Sequence[str], port: int | None = None
    ) -> Program:
        self._count += 1
        script = self._folder / f"{self._count}.xml"
        script.write_text(scenario, encoding="utf-8")
        if lines is not None:
            (self._folder / f"{self._count}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            options = [*options, "-inf", str(self._folder / f"{self._count}.csv")]
        command = [
            *("sipp", self._server, "-p", str(port or free_port())),
            *(
                "-sf",
                str(script),
                "-nostdin",
                "-aa",
                "-trace_err",
                "-error_file",
                str(script.with_suffix(".err")),
            ),
            *options,
        ]
        program = Program(command, cwd=self._folder)
        self._started.append(program)
        return program


def _name_and_number(caller: str) -> tuple[str, str]:
    name, _, number = caller.rpartition(" ")
    return name, number


def _write_tone(path: Path) -> None:
    tone = ["synth", str(TONE_SECONDS), "sine", "440", "gain", "-10"]
    subprocess.run(["sox", "-n", "-r", "8000", "-c", "1", "-t", "al", path, *tone], check=True)
