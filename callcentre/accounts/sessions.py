"""Browsers that are signed in: kept in the database, so that a restart of the service signs nobody out.

The cookie holds a random token, the database only its SHA-256: who reads the table cannot become anybody.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from callcentre.accounts.users import Account, account_of
from callcentre.storage.schema import User, WebSession
from routing.ids import Instant, Seconds, later

# 256 bits: beyond guessing, and beyond any need to slow guessing down.
TOKEN_BYTES = 32
# A page is looked at far more often than this; writing "seen" each time would be most of our writing.
SEEN_STEP = Seconds(60.0)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What the browser is given: the token as its cookie, until the moment it expires."""

    token: str
    csrf_secret: str
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class FoundSession:
    """Whose browser it is."""

    account: Account
    csrf_secret: str
    expires_at: Instant
    to_be_touched: bool
    """True when the caller should ``touch_session``, so that the idle limit counts from now."""


def open_session(session: Session, name: str, *, now: Instant, absolute_limit: Seconds) -> OpenedSession:
    """Sign a browser of *name* in for *absolute_limit* at most."""
    opened = OpenedSession(
        token=secrets.token_urlsafe(TOKEN_BYTES),
        csrf_secret=secrets.token_urlsafe(TOKEN_BYTES),
        expires_at=later(now, absolute_limit),
    )
    session.add(
        WebSession(
            token_sha256=_digest(opened.token),
            user=name,
            csrf_secret=opened.csrf_secret,
            created_at=now,
            last_seen_at=now,
            expires_at=opened.expires_at,
        )
    )
    return opened


def find_session(session: Session, token: str, *, now: Instant, idle_limit: Seconds) -> FoundSession | None:
    """Whose browser shows *token*; None when nobody's, or not any more.  Only reads."""
    found = session.execute(
        select(WebSession, User)
        .join(User, User.name == WebSession.user)
        .where(
            WebSession.token_sha256 == _digest(token),
            WebSession.expires_at > now,
            WebSession.last_seen_at > now - idle_limit,
            User.disabled.is_(False),
        )
    ).one_or_none()
    if found is None:
        return None
    row, user = found
    stale = row.last_seen_at <= now - SEEN_STEP
    return FoundSession(account_of(user), row.csrf_secret, Instant(row.expires_at), to_be_touched=stale)


def touch_session(session: Session, token: str, *, now: Instant) -> None:
    """Note that the browser was seen."""
    seen = update(WebSession).where(WebSession.token_sha256 == _digest(token)).values(last_seen_at=now)
    session.execute(seen)


def close_session(session: Session, token: str) -> None:
    """Sign the browser out; nothing happens when it is not signed in."""
    session.execute(delete(WebSession).where(WebSession.token_sha256 == _digest(token)))


def purge_sessions(session: Session, *, now: Instant, idle_limit: Seconds) -> int:
    """Remove what nobody can use any more; return how many."""
    over = (WebSession.expires_at <= now) | (WebSession.last_seen_at <= now - idle_limit)
    return cast("CursorResult[object]", session.execute(delete(WebSession).where(over))).rowcount


def _digest(token: str) -> str:
    # surrogatepass: a cookie is whatever a stranger sends, and must not raise here.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
