"""What an agent brings beside her helplines, as options of ``user add`` and ``user change``.

Each gives None when it is left out.  An empty one takes away what there was: ``--pool ""``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from callcentre.configuration.sections import A_WORD, LANGUAGE, WORD
from routing.ids import HelplineId, Pool, Skill
from routing.needs import HIGHEST, LOWEST, Levels

_SKILL = re.compile(rf"{WORD}|language:{LANGUAGE}")
_POOL = re.compile(WORD)
_LEVELS = {str(level): level for level in range(LOWEST, HIGHEST + 1)}


def _levels(context: click.Context, option: click.Parameter, words: tuple[str, ...]) -> Levels | None:
    levels = [_level(word) for word in words if word]
    _check_once([skill for skill, _ in levels])
    return frozenset(levels) if words else None


def _level(word: str) -> tuple[Skill, int]:
    name, _, level = word.rpartition("=")
    if not _SKILL.fullmatch(name):
        raise click.BadParameter(
            f"{word!r} is not NAME=LEVEL; a name is {A_WORD}, or a language, as in language:ta=5."
        )
    if level not in _LEVELS:
        raise click.BadParameter(f"{word!r}: a level is a whole number from {LOWEST} to {HIGHEST}.")
    return Skill(name), _LEVELS[level]


def _pools(context: click.Context, option: click.Parameter, words: tuple[str, ...]) -> frozenset[Pool] | None:
    for word in filter(None, words):
        if not _POOL.fullmatch(word):
            raise click.BadParameter(f"{word!r} is not {A_WORD}.")
    return frozenset(Pool(word) for word in words if word) if words else None


def _order(
    context: click.Context, option: click.Parameter, text: str | None
) -> tuple[HelplineId, ...] | None:
    if text is None:
        return None
    order = [HelplineId(name.strip()) for name in text.split(",") if name.strip()]
    _check_once(order)
    return tuple(order)


def _check_once(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"{name} is there twice.")


SKILLS = click.option(
    "--skill",
    "skills",
    multiple=True,
    metavar="NAME=LEVEL",
    callback=_levels,
    help=f"What the agent can do, at level {LOWEST} to {HIGHEST}: law=7, language:ta=5; may be repeated.",
)
POOLS = click.option(
    "--pool",
    "pools",
    multiple=True,
    callback=_pools,
    help="A group of agents beside the helplines', such as a district's; may be repeated.",
)
ORDER = click.option(
    "--order",
    metavar="HELPLINE,HELPLINE",
    callback=_order,
    help="The helplines to serve before the others, first the one to serve most.",
)
