"""Adds people to the console, and changes who they are.

NameRefused        the operator's: the login name is malformed, or taken
UserUnknown        the operator's: there is nobody of that name
PasswordRefused    the user's, from ``passwords``
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from callcentre.accounts.passwords import Passwords
from callcentre.storage.schema import LoginFailures, Role, User, WebSession
from routing.ids import AgentId, HelplineId, Instant, Phone, Pool, Skill
from routing.needs import Levels

# Also the agent's id on the floor and in the dialplan, so nothing that needs quoting anywhere.
LOGIN_NAME = re.compile(r"[a-z][a-z0-9_.]{1,31}")
PASSWORDS = Passwords()


class NameRefused(ValueError):
    """The login name is malformed or taken."""


class UserUnknown(LookupError):
    """There is no user of that name."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user without the password."""

    name: str
    display_name: str
    role: Role
    phone: Phone | None
    helplines: frozenset[HelplineId]
    language: str
    created_at: Instant
    disabled: bool
    pools: frozenset[Pool] = frozenset()
    skills: Levels = frozenset()
    order: tuple[HelplineId, ...] = ()

    @property
    def agent(self) -> AgentId:
        """The user's id on the floor."""
        return AgentId(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """What is told about somebody who is to be added."""

    name: str
    display_name: str
    role: Role
    phone: Phone | None = None
    helplines: frozenset[HelplineId] = frozenset()
    pools: frozenset[Pool] = frozenset()
    skills: Levels = frozenset()
    order: tuple[HelplineId, ...] = ()
    language: str = "en"


def add_user(
    session: Session, user: NewUser, *, password: str, now: Instant, passwords: Passwords = PASSWORDS
) -> Account:
    """Add *user*.  Raises NameRefused, PasswordRefused."""
    if not LOGIN_NAME.fullmatch(user.name):
        raise NameRefused(
            f"{user.name!r} cannot be a login name: 2 to 32 of a-z, 0-9, '_' and '.', beginning with a letter"
        )
    if session.get(User, user.name) is not None:
        raise NameRefused(f"there is already a user {user.name!r}; choose another name, or change that one")
    row = User(
        name=user.name,
        display_name=user.display_name.strip() or user.name,
        password_hash=passwords.hashed(password, name=user.name),
        role=user.role,
        phone=user.phone,
        helplines=user.helplines,
        pools=user.pools,
        skills=user.skills,
        helpline_order=user.order,
        language=user.language,
        created_at=now,
        disabled=False,
    )
    session.add(row)
    return account_of(row)


def set_password(session: Session, name: str, *, password: str, passwords: Passwords = PASSWORDS) -> None:
    """Give *name* a new password; every browser of theirs is signed out, and a lockout ends.

    Raises UserUnknown, PasswordRefused.
    """
    user = _known(session, name)
    user.password_hash = passwords.hashed(password, name=name)
    session.execute(delete(WebSession).where(WebSession.user == name))
    session.execute(delete(LoginFailures).where(LoginFailures.name == name))


def change_user(
    session: Session,
    name: str,
    *,
    display_name: str | None = None,
    phone: Phone | None = None,
    helplines: frozenset[HelplineId] | None = None,
    pools: frozenset[Pool] | None = None,
    skills: Levels | None = None,
    order: tuple[HelplineId, ...] | None = None,
) -> Account:
    """Give *name* another of what is given; None leaves what there is.  Raises UserUnknown."""
    user = _known(session, name)
    if display_name is not None:
        user.display_name = display_name.strip() or name
    if phone is not None:
        user.phone = phone
    if helplines is not None:
        user.helplines = helplines
    if pools is not None:
        user.pools = pools
    if skills is not None:
        user.skills = skills
    if order is not None:
        user.helpline_order = order
    return account_of(user)


def set_disabled(session: Session, name: str, *, disabled: bool) -> None:
    """Bar *name* from signing in, ending what is signed in, or let them in again.  Raises UserUnknown."""
    _known(session, name).disabled = disabled
    if disabled:
        session.execute(delete(WebSession).where(WebSession.user == name))


def set_language(session: Session, name: str, *, language: str) -> None:
    """Show *name* the console in *language* from now on.  Raises UserUnknown."""
    _known(session, name).language = language


def accounts(session: Session) -> list[Account]:
    """Everybody, by name."""
    return [account_of(user) for user in session.scalars(select(User).order_by(User.name))]


def agents(session: Session) -> list[Account]:
    """Whom the router may be told of at its start: agents who are not barred, by name."""
    return [account for account in accounts(session) if account.role is Role.AGENT and not account.disabled]


def find_account(session: Session, name: str) -> Account | None:
    """The account of *name*; None when there is none."""
    user = session.get(User, name)
    return None if user is None else account_of(user)


def account_of(user: User) -> Account:
    """The row as a value that outlives its session."""
    return Account(
        name=user.name,
        display_name=user.display_name,
        role=user.role,
        phone=None if user.phone is None else Phone(user.phone),
        helplines=frozenset(HelplineId(helpline) for helpline in user.helplines),
        language=user.language,
        created_at=Instant(user.created_at),
        disabled=user.disabled,
        pools=frozenset(map(Pool, user.pools)),
        skills=frozenset((Skill(skill), level) for skill, level in user.skills),
        order=tuple(map(HelplineId, user.helpline_order)),
    )


def _known(session: Session, name: str) -> User:
    user = session.get(User, name)
    if user is None:
        raise UserUnknown(f"there is no user {name!r}")
    return user
