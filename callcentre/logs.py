"""Log lines as JSON objects, one a line, each with its zone and, where there is one, its call.

Personal data stays out: callers' numbers are masked by whoever logs them.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    globalLogBeginner,
)
from zope.interface import implementer

# Fields that tell what a line is about; everything else is in its text.
ABOUT = ("call", "agent", "node", "helpline", "docket", "client", "epoch")


@implementer(ILogObserver)
class JsonLines:
    """Writes each event as one JSON object: ``at``, ``level``, ``from``, ``text`` and what it is about."""

    def __init__(self, out: IO[str], zone: ZoneInfo) -> None:
        self._out = out
        self._zone = zone

    def __call__(self, event: LogEvent) -> None:
        line = {
            "at": datetime.fromtimestamp(event["log_time"], self._zone).isoformat(timespec="milliseconds"),
            "level": event["log_level"].name,
            "from": event.get("log_namespace", ""),
            "text": formatEvent(event),
            **{name: str(event[name]) for name in ABOUT if name in event},
        }
        if "log_failure" in event:
            line["traceback"] = event["log_failure"].getTraceback()
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()


def begin_logging(zone: str, *, level: LogLevel = LogLevel.info, out: IO[str] = sys.stderr) -> None:
    """Send all logs of this process to *out* from now on."""
    lines = JsonLines(out, ZoneInfo(zone))
    observer = FilteringLogObserver(lines, [LogLevelFilterPredicate(defaultLogLevel=level)])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
