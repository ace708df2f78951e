"""Commands that look at and change what is going on: calls, agents, agent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import click

from callcentre.cli.site import SiteFolders, iso
from callcentre.control.client import RequestRefused, ServiceAway, ask
from callcentre.projections.read import CallRow, last_calls

CALL_COLUMNS = ("queued_at", "helpline", "language", "caller", "agent", "outcome", "docket", "call")
AGENT_COLUMNS = ("agent", "state", "since", "phone", "node", "helplines", "call", "reason")
WAITING_COLUMNS = ("helpline", "place", "caller", "language", "queued_at", "callback", "wait_s", "call")
ANNOUNCEMENT_COLUMNS = ("announcement", "kind", "helplines", "until", "by", "heard", "text")
# As much of an announcement's text as tells it from the others in a table.
GLIMPSE = 40
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.command()
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many calls.")
@AS_JSON
@click.pass_obj
def calls(site: SiteFolders, last: int, *, as_json: bool) -> None:
    """The newest calls of the call log, the newest last.  Works without the service, too."""
    configuration = site.configuration()
    zone = ZoneInfo(configuration.site.timezone)
    with site.session(configuration) as session:
        rows = [_call(row, zone) for row in reversed(last_calls(session, last))]
    _show(rows, CALL_COLUMNS, as_json=as_json)


@click.command()
@AS_JSON
@click.pass_obj
def agents(site: SiteFolders, *, as_json: bool) -> None:
    """Every agent and what she is doing now."""
    zone = ZoneInfo(site.configuration().site.timezone)
    rows = [{**row, "since": iso(row["since"], zone)} for row in _ask(site, "GET", "/agents")]
    _show(rows, AGENT_COLUMNS, as_json=as_json)


@click.command()
@AS_JSON
@click.pass_obj
def waiting(site: SiteFolders, *, as_json: bool) -> None:
    """Who waits, in the order of service, and how many seconds more: from, to (eight times of ten)."""
    zone = ZoneInfo(site.configuration().site.timezone)
    rows = [{**row, "queued_at": iso(row["queued_at"], zone)} for row in _ask(site, "GET", "/waiting")]
    _show(rows, WAITING_COLUMNS, as_json=as_json)


@click.command()
@click.argument("name")
@click.argument("wish", type=click.Choice(["available", "break", "logout"]))
@click.pass_obj
def agent(site: SiteFolders, name: str, wish: str) -> None:
    """Make the agent NAME available (seated at the phone first), send them on a break, or log them out.

    With a call in hand, break and logout take effect after it.
    """
    answer = _ask(site, "POST", f"/agents/{quote(name, safe='')}/{wish}")
    after = f", {answer['intent']} after the call" if answer.get("intent") else ""
    click.echo(f"{name}: {answer['state']}{after}")


@click.command()
@AS_JSON
@click.pass_obj
def announcements(site: SiteFolders, *, as_json: bool) -> None:
    """What callers are told now, in the order in which it was put up."""
    zone = ZoneInfo(site.configuration().site.timezone)
    rows = [
        {**row, "at": iso(row["at"], zone), "until": iso(row["until"], zone)}
        for row in _ask(site, "GET", "/announcements")
    ]
    if not as_json:
        rows = [
            {
                **row,
                "helplines": row["helplines"] or "all",
                "text": next(iter(row["texts"].values()))[:GLIMPSE],
            }
            for row in rows
        ]
    _show(rows, ANNOUNCEMENT_COLUMNS, as_json=as_json)


@click.command()
@click.argument("wish", required=False, type=click.Choice(["on", "off"]))
@click.pass_obj
def surge(site: SiteFolders, wish: str | None) -> None:
    """Begin or end surge mode by hand; without a word, say how it stands."""
    told = _ask(site, "POST", f"/surge/{wish}") if wish else _ask(site, "GET", "/surge")
    why = f" ({told['cause']}{' ' + str(told['count']) if told['count'] else ''})" if told["on"] else ""
    crowd = f"{told['waiting']} wait, {told['arrivals_per_minute']} came within a minute"
    click.echo(f"surge mode is {'on' if told['on'] else 'off'}{why}; {crowd}")


@click.command()
@click.pass_obj
def health(site: SiteFolders) -> None:
    """What is up, as one JSON object; ends with 1 when no call gets through."""
    told = _ask(site, "GET", "/health")
    click.echo(json.dumps(told))
    if told["status"] == "down":
        raise SystemExit(1)


def _ask(site: SiteFolders, method: str, path: str) -> Any:
    try:
        return ask(site.data.control_socket, method, path)
    except (ServiceAway, RequestRefused) as error:
        raise click.ClickException(str(error)) from None


def _call(row: CallRow, zone: ZoneInfo) -> dict[str, object]:
    return {
        "call": row.call,
        "helpline": row.helpline,
        "language": row.language,
        "caller": row.caller,
        "queued_at": iso(row.queued_at, zone),
        "answered_at": iso(row.answered_at, zone),
        "ended_at": iso(row.ended_at, zone),
        "agent": row.agent,
        "outcome": row.outcome.value if row.outcome is not None else None,
        "docket": row.docket,
        "solved": row.solved,
        "rating": row.rating,
    }


def _show(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    cells = [list(columns), *([_cell(row[column]) for column in columns] for row in rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(columns))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "-" if value is None or value == "" else str(value)
