"""One process makes way for the next: doors stay open, signals are kept, being told to end comes first."""

from __future__ import annotations

import subprocess
import sys

# Run by an interpreter of its own; the process that it becomes is given the same words.
BEGINNING = """
import os, select, signal, socket, sys
from callcentre.renewal.handover import Handover, MakingWay, hear_signals, is_renewed, received

renewed, left = is_renewed(), received()
if not renewed:
    print("first", os.getpid(), flush=True)
    door = socket.create_server(("127.0.0.1", 0))
    making_way = MakingWay(Handover({"menus": door.fileno()}, ["by hand"]))
    caller = socket.create_connection(door.getsockname())
    %s
    making_way.begin_anew()
    sys.exit("ends")
"""
NEXT = """
print("next", os.getpid(), *left.notes, is_renewed(), flush=True)
door = socket.socket(fileno=left.doors["menus"])
print("somebody is at the door:", bool(select.select([door], [], [], 0)[0]), flush=True)
heard = []
signal.signal(signal.SIGHUP, lambda number, frame: heard.append(number))
hear_signals()
print("asked again:", bool(heard), flush=True)
"""


def run(meanwhile: str = "pass") -> tuple[list[str], str]:
    """What both processes print, and what the last one ends with."""
    words = [sys.executable, "-c", BEGINNING % meanwhile + NEXT]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.splitlines(), done.stderr


def test_the_next_process_has_the_same_id_the_open_doors_and_the_notes() -> None:
    (first, following, door, asked), errors = run()
    assert errors == ""
    _, pid = first.split()
    assert following == f"next {pid} by hand False"
    assert door == "somebody is at the door: True"
    assert asked == "asked again: False"


def test_who_asks_in_between_is_heard_by_the_next_process() -> None:
    lines, _ = run("os.kill(os.getpid(), signal.SIGHUP)")
    assert lines[-1] == "asked again: True"


def test_who_is_told_to_end_in_between_ends() -> None:
    lines, errors = run("os.kill(os.getpid(), signal.SIGTERM)")
    assert (len(lines), errors) == (1, "ends\n")
