"""Turns ``config/`` into a complete private Asterisk configuration in the data folder.

Helplines, phones and limits are written once, in our own files; nobody edits an Asterisk file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from callcentre.asterisk.modules import MODULES, REQUIRED
from callcentre.asterisk.secrets import Secrets, keep_secrets
from callcentre.configuration.data_folder import AsteriskFolders, DataFolder
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration, NodeSettings
from callcentre.configuration.sections import PATH
from callcentre.telephony.events import EVENTS_READ
from callcentre.telephony.numbers import HOME_NUMBER
from ivr.steps.step import CALLBACK_KEY, MESSAGE_KEY
from routing.ids import NodeId

CHANNEL_VARIABLES = (
    "CC_CALL",
    "CC_HELPLINE",
    "CC_LANGUAGE",
    "CC_QUEUED_AT",
    "CC_CATEGORY",
    "CC_PREFERRED",
    "CC_AGENT",
    "CC_LEG_OF",
    "CC_CALLER",
    "CC_DIALLED",
    "CC_DOCKET",
    # The native queue's own word for whom it has connected.
    "MEMBERNAME",
)
"""What the channel carries so that a router that knows nothing can go on with every call."""

# A router that is there hears at once of a caller who wants to be called; he waits no longer to be told so.
PROMISE_SECONDS = 8

# Asterisk complains at every start about each of these that is missing, though nothing in them is needed.
EMPTY_FILES = ("acl", "ccss", "pjproject", "udptl")

# 2023-11-14: tenths of a second since then fit a queue priority (a signed 32-bit number) until 2030.
PRIORITY_BASE = 1_700_000_000


def render(configuration: Configuration, templates: Path, data: DataFolder) -> dict[NodeId, Path]:
    """Write every file of every Asterisk of *configuration*; each node's ``asterisk.conf``.

    Secrets are made on the first call and kept.  Files that hold one are readable by their owner only.
    Raises ConfigurationFaulty when *templates* holds none, or *data* has a path Asterisk would cut short.
    """
    found = _found(templates, data)
    data.create()
    secrets = keep_secrets(data.secrets, configuration.phones.endpoints())
    folders = data.asterisks([node.name for node in configuration.nodes])
    for node in configuration.nodes:
        _render_node(configuration, node, found, folders[node.name], secrets)
    return {name: own.conf for name, own in folders.items()}


def render_anew(
    configuration: Configuration, templates: Path, data: DataFolder, *, only: Collection[str]
) -> dict[Path, str]:
    """The files named in *only* of every Asterisk, for ``write_anew``.  Raises ConfigurationFaulty."""
    found = [template for template in _found(templates, data) if template.stem in only]
    secrets = keep_secrets(data.secrets, configuration.phones.endpoints())
    folders = data.asterisks([node.name for node in configuration.nodes])
    return {
        folders[node.name].etc / template.stem: _filled(
            template, configuration, node, folders[node.name], secrets
        )
        for node in configuration.nodes
        for template in found
    }


def write_anew(configuration: Configuration, data: DataFolder, files: Mapping[Path, str]) -> None:
    """Write what ``render_anew`` gave for *configuration*, and make the folders that it names."""
    for folders in data.asterisks([node.name for node in configuration.nodes]).values():
        _make_folders(configuration, folders)
    for path, text in files.items():
        _write(path, text)


def _found(templates: Path, data: DataFolder) -> list[Path]:
    found = sorted(templates.glob("*.conf.j2"))
    faults = list(_obstacles(found, templates, data))
    if faults:
        raise ConfigurationFaulty(faults)
    return found


def _render_node(
    configuration: Configuration,
    node: NodeSettings,
    templates: list[Path],
    folders: AsteriskFolders,
    secrets: Secrets,
) -> None:
    _make_folders(configuration, folders)
    _link_documentation(configuration, folders)
    for template in templates:
        _write(folders.etc / template.stem, _fill(template, configuration, node, folders, secrets))
    for name in EMPTY_FILES:
        _write(folders.etc / f"{name}.conf", "; Defaults serve.\n")


def _make_folders(configuration: Configuration, folders: AsteriskFolders) -> None:
    for path in (*folders.own(), folders.var / "keys", folders.music / configuration.waiting.music):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _obstacles(found: list[Path], templates: Path, data: DataFolder) -> Iterable[Fault]:
    if not found:
        remedy = "Copy the folder from the distribution; its files need no changes."
        yield Fault(f"{templates.name}/", "*.conf.j2", "no template is there", remedy)
    if not re.fullmatch(PATH, str(data.root)):
        problem = "Asterisk would not read its path to the end"
        yield Fault("--data", str(data.root), problem, "Choose one without line breaks and semicolons.")


def template_faults(templates: Path) -> list[Fault]:
    """The templates that cannot be read as such."""
    environment = _environment(templates)
    faults = []
    for path in sorted(templates.glob("*.conf.j2")):
        try:
            environment.get_template(path.name)
        except TemplateSyntaxError as error:
            file, line = f"asterisk/{path.name}", f"line {error.lineno}"
            faults.append(Fault(file, line, f"is no Jinja template: {error.message}", "Mend that line."))
        except (TemplateNotFound, UnicodeDecodeError) as error:
            # A folder of such a name, or a file of which only a part has been written.
            problem, remedy = f"is no text in UTF-8: {error}", "Write the whole of it, or remove it."
            faults.append(Fault(f"asterisk/{path.name}", "(file)", problem, remedy))
    return faults


def _environment(templates: Path) -> Environment:
    # Asterisk files are not HTML: autoescape would write &amp; into a dialplan.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(templates), undefined=StrictUndefined, keep_trailing_newline=True
    )


def _filled(
    template: Path,
    configuration: Configuration,
    node: NodeSettings,
    folders: AsteriskFolders,
    secrets: Secrets,
) -> str:
    try:
        return _fill(template, configuration, node, folders, secrets)
    except (TemplateError, TypeError, ArithmeticError) as error:
        problem = f"asks for what there is not, or cannot be: {error}"
        raise ConfigurationFaulty(
            [Fault(f"asterisk/{template.name}", "{{ }}", problem, "Mend what it asks for.")]
        ) from error


def _fill(
    template: Path,
    configuration: Configuration,
    node: NodeSettings,
    folders: AsteriskFolders,
    secrets: Secrets,
) -> str:
    return (
        _environment(template.parent)
        .get_template(template.name)
        .render(
            asterisk=configuration.asterisk,
            node=node,
            other_nodes=[other for other in configuration.nodes if other is not node],
            routing=configuration.routing,
            waiting=configuration.waiting,
            helplines=tuple(configuration.helplines.values()),
            languages=configuration.site.languages,
            phones=configuration.phones.names(),
            agi=configuration.agi,
            folders=folders,
            secrets=secrets,
            modules=MODULES,
            required=REQUIRED,
            channel_variables=CHANNEL_VARIABLES,
            events=EVENTS_READ,
            priority_base=PRIORITY_BASE,
            callback_key=CALLBACK_KEY,
            message_key=MESSAGE_KEY,
            promise_seconds=PROMISE_SECONDS,
            menus=configuration.menus,
            home_number=HOME_NUMBER,
        )
    )


def _write(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _link_documentation(configuration: Configuration, folders: AsteriskFolders) -> None:
    """Asterisk loads no module whose options it cannot find described below its data folder."""
    link = folders.data / "documentation"
    if link.is_symlink():
        link.unlink()
    link.symlink_to(configuration.asterisk.documentation_dir)
