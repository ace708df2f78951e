"""What agents may ask of the floor; each wish is on the disk before it is granted.

Errors::

    WishRefused        the user's; ``code`` is stable, the text says why and what to do
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from sqlalchemy.exc import SQLAlchemyError

from callcentre.accounts.users import Account
from callcentre.acd.dispatch import Dispatcher
from callcentre.acd.phones import Phones, agent_at
from callcentre.journal.journal import JournalUnwritable
from callcentre.storage.schema import Role
from routing.agent import Agent, AgentState, OwnFact
from routing.facts import AgentLoggedIn, AvailabilityAsked, BreakAsked, LogoutAsked
from routing.ids import AgentId


class WishRefused(Exception):
    """The floor cannot do what was asked."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class Agents:
    """The agents' way onto the floor and off it.

    *account_of* finds an account; *sync* returns when the journal is on the disk,
    or raises JournalUnwritable.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        phones: Phones,
        *,
        account_of: Callable[[AgentId], Awaitable[Account | None]],
        sync: Callable[[], Awaitable[object]],
        break_reasons: Collection[str],
    ) -> None:
        self._dispatcher = dispatcher
        self._phones = phones
        self._account_of = account_of
        self._sync = sync
        self._break_reasons = break_reasons

    async def log_in(self, name: AgentId) -> Agent:
        """Seat the agent at the account's phone, with what it can do as it is now.  Raises WishRefused."""
        try:
            account = await self._account_of(name)
        except SQLAlchemyError as error:
            raise WishRefused("router_away", "the database is away: try again shortly") from error
        if account is None or account.disabled:
            raise WishRefused("no_phone", f"there is no agent {name}")
        if account.role is not Role.AGENT:
            raise WishRefused("no_phone", f"{name} is a {account.role.value}, not an agent")
        if account.phone is None or not account.helplines:
            raise WishRefused(
                "no_phone", f"{name} has no phone or no helpline: give them with `callcentre user change`"
            )
        other = agent_at(self._dispatcher.floor, account.phone)
        if other not in (None, name):
            raise WishRefused("phone_taken", f"{other} is logged in at phone {account.phone}")
        return await self._granted(
            AgentLoggedIn(
                at=self._dispatcher.now(),
                agent=name,
                phone=account.phone,
                helplines=account.helplines,
                pools=account.pools,
                skills=account.skills,
                order=account.order,
            )
        )

    async def make_available(self, name: AgentId) -> Agent:
        """Let the agent have calls, seating them first where needed; ends wrap-up and break.

        Raises WishRefused.
        """
        known = self._dispatcher.floor.agent(name)
        if known is None or known.state is AgentState.LOGGED_OUT:
            await self.log_in(name)
        # Nobody is available at a phone that cannot ring.
        if not await self._phones.locate(name):
            raise WishRefused("phone_unreachable", f"the phone of {name} is not registered with the switch")
        return await self._granted(AvailabilityAsked(at=self._dispatcher.now(), agent=name))

    async def send_on_break(self, name: AgentId, reason: str = "") -> Agent:
        """Give the agent no calls after the one in hand.  Raises WishRefused."""
        if reason and reason not in self._break_reasons:
            raise WishRefused(
                "reason_unknown", f"{reason!r} is no reason for a break: {', '.join(self._break_reasons)}"
            )
        self._here(name)
        return await self._granted(BreakAsked(at=self._dispatcher.now(), agent=name, reason=reason))

    async def log_out(self, name: AgentId) -> Agent:
        """Take the agent off the floor after the call in hand.  Raises WishRefused."""
        self._here(name)
        return await self._granted(LogoutAsked(at=self._dispatcher.now(), agent=name))

    def seated(self, name: AgentId) -> Agent | None:
        """The agent as the floor knows them; None before the first login."""
        return self._dispatcher.floor.agent(name)

    def _here(self, name: AgentId) -> None:
        known = self._dispatcher.floor.agent(name)
        if known is None or known.state is AgentState.LOGGED_OUT:
            raise WishRefused("not_at_phone", f"{name} is not logged in at a phone")

    async def _granted(self, wish: OwnFact) -> Agent:
        name = wish.agent
        self._dispatcher.report(wish)
        try:
            await self._sync()
        except JournalUnwritable as error:
            raise WishRefused("router_away", f"what {name} asked for could not be stored: {error}") from error
        known = self._dispatcher.floor.agent(name)
        if known is None:
            raise WishRefused("not_at_phone", f"{name} is not logged in at a phone")
        return known
