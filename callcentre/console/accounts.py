"""Signing in, and browsers that are signed in, from the database; known browsers also while it is away."""

from __future__ import annotations

from collections import OrderedDict

from twisted.internet.interfaces import IReactorTime

from agents_ui import ports
from callcentre.accounts import sessions, signing_in, users
from callcentre.console.asking import asked
from callcentre.storage.threads import Transactions
from routing.ids import Instant, LanguageCode, Seconds

# A shift with overtime; after it the password is asked for again.
ABSOLUTE_LIMIT = Seconds(12 * 3600.0)
# An open desk touches its session; a closed laptop in a bus does not.
IDLE_LIMIT = Seconds(3600.0)
# Browsers remembered for the time without a database: every agent of the largest centre, twice.
REMEMBERED = 2_000


class ConsoleAccounts:
    """``agents_ui.ports.Accounts``."""

    def __init__(self, database: Transactions, *, clock: IReactorTime) -> None:
        self._database = database
        self._clock = clock

    async def authenticate(self, name: str, password: str) -> ports.SignIn:
        """Whether *password* is *name*'s.  Raises StorageAway."""
        now = Instant(self._clock.seconds())
        match await asked(
            self._database.run, lambda session: signing_in.authenticate(session, name, password, now)
        ):
            case signing_in.Authenticated(account):
                return ports.SignedIn(_shown(account))
            case signing_in.LockedOut(until):
                return ports.LockedOut(until)
            case _:
                return ports.Refused()

    async def remember_language(self, name: str, language: LanguageCode) -> None:
        """Speak *language* to *name* from now on.  Raises StorageAway."""
        await asked(self._database.run, lambda session: users.set_language(session, name, language=language))


class ConsoleSessions:
    """``agents_ui.ports.Sessions``."""

    def __init__(self, database: Transactions, *, clock: IReactorTime) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[str, ports.Visit] = OrderedDict()

    async def open_session(self, name: str) -> str:
        """Sign a browser of *name* in; return its token.  Raises StorageAway."""
        now = Instant(self._clock.seconds())
        opened = await asked(
            self._database.run,
            lambda session: sessions.open_session(session, name, now=now, absolute_limit=ABSOLUTE_LIMIT),
        )
        return opened.token

    async def visit(self, token: str, *, touch: bool) -> ports.Visit | None:
        """Whose browser shows *token*.  While the database is away, whoever was known last.

        Raises StorageAway for a browser never seen by this process.
        """
        try:
            visit = await self._visit(token, touch=touch)
        except ports.StorageAway:
            if token not in self._known:
                raise
            return self._known[token]
        self._remember(token, visit)
        return visit

    async def close_session(self, token: str) -> None:
        """Sign the browser out.  Raises StorageAway."""
        self._known.pop(token, None)
        await asked(self._database.run, lambda session: sessions.close_session(session, token))

    async def purge(self) -> None:
        """Remove what nobody can use any more.  Raises StorageAway."""
        now = Instant(self._clock.seconds())
        await asked(
            self._database.run,
            lambda session: sessions.purge_sessions(session, now=now, idle_limit=IDLE_LIMIT),
        )

    async def _visit(self, token: str, *, touch: bool) -> ports.Visit | None:
        now = Instant(self._clock.seconds())
        found = await asked(
            self._database.read,
            lambda session: sessions.find_session(session, token, now=now, idle_limit=IDLE_LIMIT),
        )
        if found is None:
            return None
        if touch and found.to_be_touched:
            await asked(self._database.run, lambda session: sessions.touch_session(session, token, now=now))
        return ports.Visit(_shown(found.account), found.csrf_secret)

    def _remember(self, token: str, visit: ports.Visit | None) -> None:
        self._known.pop(token, None)
        if visit is not None:
            self._known[token] = visit
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _shown(account: users.Account) -> ports.Account:
    return ports.Account(
        name=account.name,
        display_name=account.display_name,
        role=ports.Role(account.role.value),
        language=LanguageCode(account.language),
    )
