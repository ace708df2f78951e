"""Commands that prepare a site: check, asterisk, db, user, prompts."""

from __future__ import annotations

import time

import click

from callcentre.accounts.passwords import PasswordRefused
from callcentre.accounts.users import (
    NameRefused,
    NewUser,
    UserUnknown,
    add_user,
    change_user,
    set_disabled,
    set_password,
)
from callcentre.asterisk.reloading import have_taken_up
from callcentre.asterisk.render import render
from callcentre.asterisk.secrets import keep_secrets
from callcentre.cli.abilities import ORDER, POOLS, SKILLS
from callcentre.cli.site import SiteFolders
from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.configuration.floor_rules import floor_rules
from callcentre.configuration.model import Configuration
from callcentre.configuration.ports import nodes_here, ports_in_use
from callcentre.prompts.building import build_prompts
from callcentre.prompts.errors import PromptsError
from callcentre.renewal.checking import further_faults
from callcentre.storage.migrate import upgrade
from callcentre.storage.schema import Role
from routing.ids import HelplineId, Instant, Phone, Pool
from routing.needs import Levels


@click.command()
@click.option("--ports", is_flag=True, help="Also that nobody else uses its ports now.")
@click.pass_obj
def check(site: SiteFolders, *, ports: bool) -> None:
    """Check the configuration; print every fault with its file, key and remedy, and end with 1 if any."""
    configuration = site.configuration()
    with site.faults_told():
        faults = further_faults(configuration, site.config)
        faults += ports_in_use(configuration) if ports else []
        if faults:
            raise ConfigurationFaulty(faults)
    click.echo(
        f"{site.config}: no fault. {len(configuration.helplines)} helplines, "
        f"languages {', '.join(configuration.site.languages)}."
    )
    bound = floor_rules(configuration).overtaking_bound
    click.echo(
        "No caller is overtaken, at an agent who may serve both, "
        f"by one who came {bound:.0f} seconds after him or later."
    )
    for helpline in configuration.never_called_back():
        click.echo(
            f"Note: {helpline} has rules for callbacks, but nobody can be called back: "
            "asterisk.trunk_gateway in callcentre.toml is empty."
        )


@click.group()
def asterisk() -> None:
    """The private Asterisks that belong to this site."""


@asterisk.command("render")
@click.pass_obj
def asterisk_render(site: SiteFolders) -> None:
    """Write the complete Asterisk configuration of every node into the data folder."""
    configuration = site.configuration()
    with site.faults_told():
        confs = render(configuration, site.config / "asterisk", site.data)
    for conf in confs.values():
        click.echo(f"wrote {conf.parent}; start it with: {configuration.asterisk.executable} -C {conf} -f")


@asterisk.command("reload")
@click.pass_obj
def asterisk_reload(site: SiteFolders) -> None:
    """Have every running Asterisk of this machine read what was rendered; no call ends by it.

    On the service's own machine `callcentre reload` does it, and all else.
    """
    configuration = site.configuration()
    folders = site.data.asterisks([node.name for node in configuration.nodes])
    confs = [folders[node.name].conf for node in nodes_here(configuration)]
    executable = configuration.asterisk.executable
    if notes := [note for conf in confs for note in have_taken_up(executable, conf)]:
        raise click.ClickException("\n".join(notes))
    click.echo(f"read by {len(confs)} Asterisk")


@asterisk.command("here")
@click.pass_obj
def asterisk_here(site: SiteFolders) -> None:
    """Name each node whose address is this machine's, and its asterisk.conf, one a line."""
    configuration = site.configuration()
    folders = site.data.asterisks([node.name for node in configuration.nodes])
    for node in nodes_here(configuration):
        click.echo(f"{node.name} {folders[node.name].conf}")


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_obj
def db_upgrade(site: SiteFolders) -> None:
    """Create the database, or bring it to this version's schema."""
    with site.database(site.configuration()) as engine:
        click.echo(f"database is at revision {upgrade(engine)}")


@click.group()
def user() -> None:
    """People who may sign in to the console."""


PASSWORD = click.password_option(
    envvar="CALLCENTRE_PASSWORD", help="Asked for when not given.  [CALLCENTRE_PASSWORD]"
)


@user.command("add")
@click.argument("name")
@click.option("--display-name", default="", help="As shown on the screen; the login name when left out.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True
)
@click.option("--phone", help="The desk phone an agent sits at, such as 1001.")
@click.option("--helpline", "helplines", multiple=True, help="A helpline the agent serves; may be repeated.")
@SKILLS
@POOLS
@ORDER
@click.option("--language", default="en", show_default=True, help="Of the console.")
@PASSWORD
@click.pass_obj
def user_add(
    site: SiteFolders,
    name: str,
    *,
    display_name: str,
    role: str,
    phone: str | None,
    helplines: tuple[str, ...],
    skills: Levels | None,
    pools: frozenset[Pool] | None,
    order: tuple[HelplineId, ...] | None,
    language: str,
    password: str,
) -> None:
    """Add the user NAME."""
    configuration = site.configuration()
    new = NewUser(
        name=name,
        display_name=display_name,
        role=Role(role),
        phone=Phone(phone) if phone else None,
        helplines=frozenset(HelplineId(helpline) for helpline in helplines),
        pools=pools or frozenset(),
        skills=skills or frozenset(),
        order=order or (),
        language=language,
    )
    _check_place(configuration, new)
    with site.session(configuration) as session:
        try:
            add_user(session, new, password=password, now=_now())
        except (NameRefused, PasswordRefused) as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"added {new.role.value} {name}")


@user.command("password")
@click.argument("name")
@PASSWORD
@click.pass_obj
def user_password(site: SiteFolders, name: str, *, password: str) -> None:
    """Give the user NAME a new password; this ends a lockout and signs out every browser of theirs."""
    with site.session(site.configuration()) as session:
        try:
            set_password(session, name, password=password)
        except (UserUnknown, PasswordRefused) as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"{name} has a new password")


@user.command("change")
@click.argument("name")
@click.option("--display-name", help="As shown on the screen.")
@click.option("--phone", help="The desk phone the agent sits at.")
@click.option("--helpline", "helplines", multiple=True, help="Served from now on; may be repeated.")
@SKILLS
@POOLS
@ORDER
@click.option("--disable/--enable", default=None, help="Bar from signing in, or let in again.")
@click.pass_obj
def user_change(
    site: SiteFolders,
    name: str,
    *,
    display_name: str | None,
    phone: str | None,
    helplines: tuple[str, ...],
    skills: Levels | None,
    pools: frozenset[Pool] | None,
    order: tuple[HelplineId, ...] | None,
    disable: bool | None,
) -> None:
    """Change the user NAME; what is not given stays.  Seen on the floor at the next login.

    What is given replaces all there was of its kind; of skills, pools and order an empty one leaves none.
    """
    configuration = site.configuration()
    served = frozenset(HelplineId(helpline) for helpline in helplines) if helplines else None
    seat = Phone(phone) if phone else None
    _check_choices(configuration, seat, served or frozenset())
    _check_abilities(configuration, pools or frozenset(), order or ())
    with site.session(configuration) as session:
        try:
            change_user(
                session,
                name,
                display_name=display_name,
                phone=seat,
                helplines=served,
                pools=pools,
                skills=skills,
                order=order,
            )
            if disable is not None:
                set_disabled(session, name, disabled=disable)
        except UserUnknown as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"changed {name}")


def _check_place(configuration: Configuration, new: NewUser) -> None:
    """An agent needs a phone and helplines that exist."""
    _check_choices(configuration, new.phone, new.helplines)
    _check_abilities(configuration, new.pools, new.order)
    if new.role is Role.AGENT and (new.phone is None or not new.helplines):
        raise click.ClickException("an agent needs a phone (--phone) and at least one helpline (--helpline)")


def _check_choices(
    configuration: Configuration, phone: Phone | None, helplines: frozenset[HelplineId]
) -> None:
    _check_helplines(configuration, helplines)
    phones = configuration.phones
    if phone is not None and phone not in phones.names():
        last = phones.first + phones.count - 1
        raise click.ClickException(
            f"there is no phone {phone}; [phones] in callcentre.toml has {phones.first} to {last}"
        )


def _check_abilities(
    configuration: Configuration, pools: frozenset[Pool], order: tuple[HelplineId, ...]
) -> None:
    _check_helplines(configuration, frozenset(order))
    if mistaken := pools & configuration.helplines.keys():
        name = min(mistaken)
        raise click.ClickException(f"{name} is a helpline, not a pool: give it with --helpline {name}")


def _check_helplines(configuration: Configuration, helplines: frozenset[HelplineId]) -> None:
    unknown = helplines - configuration.helplines.keys()
    if unknown:
        known = ", ".join(configuration.helplines)
        raise click.ClickException(f"there is no helpline {', '.join(sorted(unknown))}; there are: {known}")


@click.group()
def prompts() -> None:
    """What callers hear."""


@prompts.command("build")
@click.pass_obj
def prompts_build(site: SiteFolders) -> None:
    """Speak every text of config/ into a sound file; only what has changed."""
    configuration = site.configuration()
    site.data.create()
    try:
        build_prompts(configuration, site.config, site.data.asterisk, progress=click.echo)
    except PromptsError as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.option("--url", is_flag=True, help="Only the console's address.")
@click.option("--command", default="callcentre", help="How this command line is called.")
@click.pass_obj
def howto(site: SiteFolders, *, url: bool, command: str) -> None:
    """Say how to register a phone, which numbers to dial, and where the console is."""
    configuration = site.configuration()
    address = f"http://{configuration.http.host}:{configuration.http.port}"
    click.echo(address if url else _howto(configuration, site, address, command=command))


def _howto(configuration: Configuration, site: SiteFolders, address: str, *, command: str) -> str:
    first, second, *_ = configuration.phones.names()
    servers = " or ".join(f"{node.address}:{node.sip_port}" for node in configuration.nodes)
    site.data.create()
    secrets = keep_secrets(site.data.secrets, configuration.phones.endpoints())
    served = " ".join(f"--helpline {helpline}" for helpline in configuration.helplines)
    numbers = ", ".join(f"{h.numbers[0]} ({h.id})" for h in configuration.helplines.values())
    return f"""
To take a call, register a SIP phone (UDP) for an agent, and to make one, a second phone for a caller:
    server {servers}
    agent's phone   user {first}   password {secrets.phones[first]}
    caller's phone  user {second}   password {secrets.phones[second]}
Make the agent (a password of ten characters or more is asked for), let her take calls when her phone is
registered, and dial a helpline from the caller's phone:
    {command} user add anu --phone {first} {served}
    sign in at {address}, or:  {command} agent anu available
    dial one of: {numbers}
"""


def _now() -> Instant:
    # The command line is an outermost edge: there is no reactor to ask.
    return Instant(time.time())  # noqa: TID251
