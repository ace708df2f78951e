"""The journal on a real disk: what was appended is read, whatever befell the service."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from callcentre.journal.codec import LINE_LIMIT, encode
from callcentre.journal.journal import Journal, JournalInUse, JournalUnwritable
from callcentre.journal.position import START, Position
from callcentre.journal.reading import Unreadable, read
from callcentre.journal.segments import DAY, RETENTION_DAYS, path_of, segment_names
from routing.facts import CallLost, Fact
from routing.ids import CallId, Instant

MIDDAY = 20_416 * DAY + DAY / 2


def lost(number: int) -> CallLost:
    return CallLost(at=Instant(float(number)), call=CallId(f"n1-{number}"))


def clock_at(moment: float) -> Clock:
    clock = Clock()
    clock.advance(moment)
    return clock


def facts_in(folder: Path, start: Position = START) -> list[Fact | Unreadable]:
    return [entry.fact for entry in read(folder, start, limit=10_000).entries]


def written(folder: Path, numbers: range, *, moment: float = MIDDAY) -> Position:
    """One run of a service that appends these and ends."""
    journal = Journal(folder, clock=clock_at(moment))
    for number in numbers:
        journal.append(lost(number))
    journal.close()
    return journal.end


def test_facts_come_back_in_order_over_many_runs(tmp_path: Path) -> None:
    for run in range(3):
        written(tmp_path / "journal", range(run * 5, run * 5 + 5))
    assert facts_in(tmp_path / "journal") == [lost(number) for number in range(15)]


def test_a_fact_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    """What the kernel has, a kill -9 of ours cannot take back."""
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    end = journal.append(lost(1))
    assert path_of(tmp_path, end.segment).read_bytes() == encode(lost(1))
    journal.close()


def test_append_returns_the_place_after_the_fact(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    first = journal.append(lost(1))
    second = journal.append(lost(2))
    assert START < first < second == journal.end
    assert str(START) < str(first) < str(second)
    assert [entry.fact for entry in journal.reader.read(first).entries] == [lost(2)]
    assert journal.reader.read(second).entries == []
    journal.close()


def test_reading_is_bounded_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for run in range(3):
        written(tmp_path, range(run * 3, run * 3 + 3))
    place, seen = START, []
    while (batch := read(tmp_path, place, limit=2)).entries:
        assert len(batch.entries) <= 2
        seen += [entry.fact for entry in batch.entries]
        place = batch.after
    assert seen == [lost(number) for number in range(9)]


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_a_crash_at_any_byte_loses_only_the_line_it_cut(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    end = written(folder, range(3))
    size = data.draw(st.integers(0, end.offset))
    os.truncate(path_of(folder, end.segment), size)
    whole = size // len(encode(lost(0)))
    is_cut = size % len(encode(lost(0))) != 0
    before = read(folder, START)
    assert [entry.fact for entry in before.entries] == [lost(number) for number in range(whole)]
    assert before.torn == 0
    written(folder, range(10, 12))
    after = read(folder, before.after)
    assert [entry.fact for entry in after.entries] == [lost(10), lost(11)]
    assert after.torn == is_cut
    assert read(folder, after.after).torn == 0


def test_a_place_beyond_what_the_disk_kept_misses_nothing_new(tmp_path: Path) -> None:
    end = written(tmp_path, range(5))
    os.truncate(path_of(tmp_path, end.segment), 10)
    written(tmp_path, range(5, 7))
    assert facts_in(tmp_path, end) == [lost(5), lost(6)]


def test_a_place_in_a_file_that_the_disk_lost_misses_nothing_new(tmp_path: Path) -> None:
    written(tmp_path, range(2))
    end = written(tmp_path, range(2, 5))
    path_of(tmp_path, end.segment).unlink()
    written(tmp_path, range(5, 7), moment=MIDDAY + 60)
    assert facts_in(tmp_path, end) == [lost(5), lost(6)]


def test_a_wrong_line_is_named_by_file_and_line(tmp_path: Path) -> None:
    end = written(tmp_path, range(2))
    path = path_of(tmp_path, end.segment)
    with path.open("ab") as file:
        file.write(b'{"fact":"CallTeleported","at":1.0}\n' + encode(lost(2)))
    first, second, wrong, fourth = facts_in(tmp_path)
    assert (first, second, fourth) == (lost(0), lost(1), lost(2))
    assert isinstance(wrong, Unreadable)
    assert wrong.reason.startswith(f"{path}, line 3 (byte {end.offset}): ")


def test_a_spoilt_disk_is_read_in_bounded_pieces(tmp_path: Path) -> None:
    end = written(tmp_path, range(1))
    with path_of(tmp_path, end.segment).open("ab") as file:
        file.write(b"\0" * (2 * LINE_LIMIT + 5) + b"\n" + encode(lost(1)))
    entries = read(tmp_path, START).entries
    assert [type(entry.fact) for entry in entries] == [CallLost, Unreadable, Unreadable, Unreadable, CallLost]
    assert max(len(entry.line) for entry in entries) <= LINE_LIMIT


def test_a_day_and_a_size_begin_a_new_file(tmp_path: Path) -> None:
    clock = clock_at(MIDDAY)
    line = len(encode(lost(0)))
    journal = Journal(tmp_path, clock=clock, segment_bytes=2 * line)
    for number in range(3):
        journal.append(lost(number))
    clock.advance(DAY)
    journal.append(lost(3))
    journal.close()
    sizes = [path_of(tmp_path, name).stat().st_size // line for name in segment_names(tmp_path)]
    assert sizes == [2, 1, 1]
    assert facts_in(tmp_path) == [lost(number) for number in range(4)]


def test_counting_agrees_with_reading(tmp_path: Path) -> None:
    middle = written(tmp_path, range(4))
    written(tmp_path, range(4, 9))
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    assert journal.reader.count(START, journal.end) == 9
    assert journal.reader.count(middle, journal.end) == 5
    assert journal.reader.count(START, middle) == 4
    assert journal.reader.count(journal.end, journal.end) == 0
    journal.close()


def test_two_services_cannot_share_a_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    with pytest.raises(JournalInUse, match=str(tmp_path)):
        Journal(tmp_path, clock=clock_at(MIDDAY))
    journal.close()
    Journal(tmp_path, clock=clock_at(MIDDAY)).close()


def test_a_journal_keeps_its_name_and_another_has_its_own(tmp_path: Path) -> None:
    names = []
    for folder in ("a", "a", "b"):
        journal = Journal(tmp_path / folder, clock=clock_at(MIDDAY))
        names.append(journal.id)
        journal.close()
    assert names[0] == names[1] != names[2]


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    end = written(tmp_path / "journal", range(1))
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
    assert path_of(tmp_path / "journal", end.segment).stat().st_mode & 0o077 == 0


def test_a_disk_that_takes_half_a_line_keeps_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    journal.append(lost(1))
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, line: write(fd, line[:7]))
        with pytest.raises(JournalUnwritable, match="only 7 of"):
            journal.append(lost(2))
    journal.append(lost(3))
    journal.close()
    assert facts_in(tmp_path) == [lost(1), lost(3)]
    assert journal.appended == 2


class Flushes:
    """Stands in for fsync: keeps what was flushed, or fails as the disk would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        self.broken = False
        monkeypatch.setattr(os, "fsync", self.flush)

    def flush(self, fd: int) -> None:
        if self.broken:
            raise OSError("input/output error")
        self.paths.append(Path(f"/proc/self/fd/{fd}").resolve().name)


def test_sync_flushes_every_file_written_since_and_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = Flushes(monkeypatch)
    journal = Journal(tmp_path, clock=clock_at(MIDDAY), segment_bytes=1)
    for number in range(3):
        journal.append(lost(number))
    journal.sync()
    names = [f"{name}.jsonl" for name in segment_names(tmp_path)]
    assert len(names) == 3
    assert flushes.paths == [*names, tmp_path.name]
    journal.sync()
    assert len(flushes.paths) == 4, "what is on the disk is not flushed again"
    journal.close()


def test_a_flush_that_fails_is_said_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushes = Flushes(monkeypatch)
    journal = Journal(tmp_path, clock=clock_at(MIDDAY))
    journal.append(lost(1))
    flushes.broken = True
    with pytest.raises(JournalUnwritable, match="input/output error"):
        journal.sync()
    flushes.broken = False
    journal.sync()
    assert flushes.paths != []
    journal.close()


def test_flushing_leaves_no_descriptor_open(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=clock_at(MIDDAY), segment_bytes=1)
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5):
        journal.append(lost(number))
        journal.sync()
    assert len(os.listdir("/proc/self/fd")) == before + 1
    journal.close()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_old_files_go_when_they_were_projected(tmp_path: Path) -> None:
    for day in range(4):
        written(tmp_path, range(day, day + 1), moment=MIDDAY + day * DAY)
    names = segment_names(tmp_path)
    now = MIDDAY + 2 * DAY + RETENTION_DAYS * DAY + 1
    journal = Journal(tmp_path, clock=clock_at(now))
    assert journal.remove_old(projected=Position(names[1], 0)) == names[:1]
    assert journal.remove_old(projected=journal.end) == names[1:2], "the third may hold lines of day three"
    journal.close()
    assert segment_names(tmp_path) == names[2:]
    assert facts_in(tmp_path, Position(names[0], 5)) == [lost(2), lost(3)]
