"""Flushing the journal away from the reactor's thread."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.journal.journal import Journal, JournalUnwritable
from callcentre.journal.syncing import JournalSync
from routing.facts import CallLost
from routing.ids import CallId, Instant
from tests.unit.parts.hand_cranked_reactor import HandCrankedReactor


class JournalSyncStory(SynchronousTestCase):
    """A journal with one fact in it, whose disk is watched."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.journal = Journal(Path(folder.name), clock=Clock())
        self.addCleanup(self.journal.close)
        self.reactor = HandCrankedReactor()
        self.syncing = JournalSync(self.journal, reactor=self.reactor)
        self.addCleanup(self.syncing.close)
        self.journal.append(CallLost(at=Instant(1.0), call=CallId("n1-1")))
        self.flushed_in: list[int] = []
        self.broken = False
        patched = pytest.MonkeyPatch()
        self.addCleanup(patched.undo)
        patched.setattr(os, "fsync", self.flush)

    def flush(self, fd: int) -> None:
        if self.broken:
            raise OSError("input/output error")
        self.flushed_in.append(threading.get_ident())

    def sync(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.syncing.sync())

    def test_it_flushes_in_another_thread_before_it_returns(self) -> None:
        syncing = self.sync()
        self.assertNoResult(syncing)
        self.reactor.turn()
        self.successResultOf(syncing)
        self.assertNotIn(threading.get_ident(), self.flushed_in)
        self.assertEqual(len(self.flushed_in), 2)

    def test_those_who_wait_together_share_one_flush(self) -> None:
        together = [self.sync() for _ in range(5)]
        for _ in together:
            self.reactor.turn()
        for syncing in together:
            self.successResultOf(syncing)
        self.assertEqual(len(self.flushed_in), 2, "the file and its folder, once")

    def test_a_disk_that_fails_is_told_to_who_waits(self) -> None:
        self.broken = True
        syncing = self.sync()
        self.reactor.turn()
        self.failureResultOf(syncing, JournalUnwritable)
        self.broken = False
