"""``callcentre``: the command group and its options."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from callcentre.cli.floor import agent, agents, announcements, calls, health, surge, waiting
from callcentre.cli.menus import menus
from callcentre.cli.reloading import reload
from callcentre.cli.replaying import replay
from callcentre.cli.setting_up import asterisk, check, db, howto, prompts, user
from callcentre.cli.simulating import simulation
from callcentre.cli.site import Serve, SiteFolders
from callcentre.configuration.data_folder import DataFolder
from callcentre.renewal.handover import is_renewed

CONTEXT = {"help_option_names": ["-h", "--help"]}


@click.group(context_settings=CONTEXT)
@click.option(
    "--config",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("config"),
    envvar="CALLCENTRE_CONFIG",
    show_default=True,
    help="Folder of the configuration.  [CALLCENTRE_CONFIG]",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".callcentre"),
    envvar="CALLCENTRE_DATA",
    show_default=True,
    help="Folder for everything the running service keeps.  [CALLCENTRE_DATA]",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    envvar="CALLCENTRE_SET",
    metavar="SECTION.KEY=VALUE",
    help="Override one key of callcentre.toml; may be repeated.  [CALLCENTRE_SET, separated by spaces]",
)
@click.version_option(package_name="callcentre")
@click.pass_context
def callcentre(context: click.Context, config: Path, data: Path, overrides: tuple[str, ...]) -> None:
    """The call centre of all departments: routing, menus, tickets."""
    if context.invoked_subcommand != run.name:
        # ``main`` holds it for the service; any other command ends with its terminal.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    serve: Serve = context.obj
    context.obj = SiteFolders(config, DataFolder(data.absolute()), overrides, serve)


@callcentre.command()
@click.pass_obj
def run(site: SiteFolders) -> None:
    """Run the service until it is told to stop (SIGTERM or Ctrl-C); SIGHUP is `callcentre reload`."""
    configuration, sources = site.to_be_run(renewed=is_renewed())
    site.serve(configuration, site.data, sources)


COMMANDS = (
    check,
    asterisk,
    db,
    user,
    prompts,
    menus,
    howto,
    calls,
    waiting,
    agents,
    agent,
    announcements,
    surge,
    health,
    reload,
    replay,
    simulation,
)
for command in COMMANDS:
    callcentre.add_command(command)
