"""Decides whether somebody who gives a name and a password is let in.

Wrong passwords are counted for each name, whether or not anybody bears it, so that neither the answer nor
the time it takes tells a stranger which names exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from callcentre.accounts.passwords import Passwords
from callcentre.accounts.users import LOGIN_NAME, PASSWORDS, Account, account_of
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import LoginFailures, User
from routing.ids import Instant, Seconds, later

# Ten guesses in a quarter of an hour are an agent with a new password; a thousand a day find nothing of
# ten characters.
FAILURES_ALLOWED = 10
FAILURE_WINDOW = Seconds(900.0)
# Long enough to spoil guessing, short enough that nobody else can keep an agent from work for a shift.
LOCKOUT = Seconds(900.0)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The name and the password belong together."""

    account: Account


@dataclass(frozen=True, slots=True)
class Refused:
    """They do not, or the account is barred; which, is not said."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many wrong passwords for this name; the right one is not looked at before *until*."""

    until: Instant


SignIn: TypeAlias = Authenticated | Refused | LockedOut


def authenticate(
    session: Session, name: str, password: str, now: Instant, *, passwords: Passwords = PASSWORDS
) -> SignIn:
    """Check *password* for *name*; count a wrong one; renew a hash of older parameters.

    Give it a transaction that commits, also when the answer is no.  Takes some 50 ms of computing.
    """
    if not LOGIN_NAME.fullmatch(name):
        passwords.match(None, password)
        return Refused()
    _forget_old(session, now)
    count = _failures(session, name, now)
    if count.locked_until is not None and now < count.locked_until:
        return LockedOut(Instant(count.locked_until))
    user = session.get(User, name)
    matched = passwords.match(None if user is None else user.password_hash, password)
    if user is None or user.disabled or not matched:
        return _failed(count, now)
    session.delete(count)
    if passwords.outdated(user.password_hash):
        user.password_hash = passwords.renewed(password)
    return Authenticated(account_of(user))


def _failed(count: LoginFailures, now: Instant) -> SignIn:
    count.failures += 1
    if count.failures < FAILURES_ALLOWED:
        return Refused()
    count.locked_until = later(now, LOCKOUT)
    return LockedOut(Instant(count.locked_until))


def _failures(session: Session, name: str, now: Instant) -> LoginFailures:
    """The count of *name*, held until the transaction ends: guesses made side by side queue here."""
    insert_missing(session, LoginFailures, name=name, failures=0, since=now)
    held = select(LoginFailures).where(LoginFailures.name == name).with_for_update()
    return session.scalars(held).one()


def _forget_old(session: Session, now: Instant) -> None:
    # A lockout begins within its window, so both are over after the sum.
    over = LoginFailures.since <= now - FAILURE_WINDOW
    unlocked = LoginFailures.locked_until.is_(None) | (LoginFailures.locked_until <= now)
    session.execute(delete(LoginFailures).where(over, unlocked))
