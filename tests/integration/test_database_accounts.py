"""Users, passwords, lockout and web sessions on real databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from callcentre.accounts.passwords import PasswordRefused, Passwords
from callcentre.accounts.sessions import (
    SEEN_STEP,
    close_session,
    find_session,
    open_session,
    purge_sessions,
    touch_session,
)
from callcentre.accounts.signing_in import (
    FAILURE_WINDOW,
    FAILURES_ALLOWED,
    LOCKOUT,
    Authenticated,
    LockedOut,
    Refused,
    authenticate,
)
from callcentre.accounts.users import (
    NameRefused,
    NewUser,
    UserUnknown,
    accounts,
    add_user,
    agents,
    change_user,
    set_disabled,
    set_password,
)
from callcentre.storage.engine import open_engine
from callcentre.storage.schema import LoginFailures, Role, User, WebSession
from callcentre.storage.threads import in_transaction
from routing.ids import HelplineId, Instant, Phone, Pool, Seconds, Skill, later

pytest_plugins = ("tests.integration.parts.databases",)

Sessions = sessionmaker[Session]

# The smallest argon2 there is: these tests are about rules, not about cost.
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
DEARER = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
NOW = Instant(1764000000.25)
ANJU = NewUser(
    name="anju.k",
    display_name="Anju K",
    role=Role.AGENT,
    phone=Phone("1001"),
    helplines=frozenset({HelplineId("kwa"), HelplineId("food")}),
    pools=frozenset({Pool("d01"), Pool("d02")}),
    skills=frozenset({(Skill("law"), 7), (Skill("language:ta"), 5)}),
    order=(HelplineId("kwa"), HelplineId("food")),
    language="ml",
)
WORD = "monsoon-2026"
IDLE = Seconds(1800.0)
SHIFT = Seconds(12 * 3600.0)


@pytest.fixture
def people(sessions: Sessions) -> Sessions:
    """A database in which Anju is an agent."""
    in_transaction(sessions, lambda session: add_user(session, ANJU, password=WORD, now=NOW, passwords=QUICK))
    return sessions


def sign_in(
    sessions: Sessions,
    password: str = WORD,
    *,
    name: str = "anju.k",
    now: Instant = NOW,
    passwords: Passwords = QUICK,
) -> Authenticated | Refused | LockedOut:
    return in_transaction(sessions, lambda s: authenticate(s, name, password, now, passwords=passwords))


def test_a_user_comes_back_as_added(people: Sessions) -> None:
    account = in_transaction(people, accounts)[0]
    assert (account.agent, account.display_name, account.role) == ("anju.k", "Anju K", Role.AGENT)
    assert (account.phone, account.helplines, account.language) == (ANJU.phone, ANJU.helplines, "ml")
    assert (account.pools, account.skills, account.order) == (ANJU.pools, ANJU.skills, ANJU.order)
    assert (account.created_at, account.disabled) == (NOW, False)


def test_what_is_changed_changes_and_the_rest_stays(people: Sessions) -> None:
    better = frozenset({(Skill("law"), 8)})
    in_transaction(people, lambda session: change_user(session, "anju.k", skills=better, order=()))
    account = in_transaction(people, accounts)[0]
    assert (account.skills, account.order) == (better, ())
    assert (account.phone, account.helplines, account.pools) == (ANJU.phone, ANJU.helplines, ANJU.pools)


def test_the_password_is_kept_as_argon2id(people: Sessions) -> None:
    kept = in_transaction(people, lambda session: session.get_one(User, "anju.k").password_hash)
    assert kept.startswith("$argon2id$")
    assert WORD not in kept


def test_the_right_password_lets_in(people: Sessions) -> None:
    answer = sign_in(people)
    assert isinstance(answer, Authenticated)
    assert answer.account.name == "anju.k"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anju.k", "monsoon-2025"),
        ("nobody", WORD),
        ("Anju.K", WORD),
        ("'; --", WORD),
        ("", ""),
        ("anju.k", ""),
    ],
)
def test_anything_else_is_refused(people: Sessions, name: str, password: str) -> None:
    assert sign_in(people, password, name=name) == Refused()


@pytest.mark.parametrize("name", ["anju.k", "nobody"])
def test_too_many_wrong_passwords_lock_the_name_whoever_bears_it(people: Sessions, name: str) -> None:
    answers = [sign_in(people, "wrong", name=name) for _ in range(FAILURES_ALLOWED)]
    assert answers == [Refused()] * (FAILURES_ALLOWED - 1) + [LockedOut(later(NOW, LOCKOUT))]
    assert sign_in(people, WORD, name=name, now=later(NOW, Seconds(LOCKOUT - 0.001))) == answers[-1]


def test_a_lockout_ends(people: Sessions) -> None:
    for _ in range(FAILURES_ALLOWED):
        sign_in(people, "wrong")
    assert isinstance(sign_in(people, now=later(NOW, LOCKOUT)), Authenticated)


def test_the_right_password_forgets_the_wrong_ones(people: Sessions) -> None:
    for _ in range(3):
        answers = [sign_in(people, "wrong") for _ in range(FAILURES_ALLOWED - 1)]
        assert answers == [Refused()] * (FAILURES_ALLOWED - 1)
        assert isinstance(sign_in(people), Authenticated)


def test_wrong_passwords_are_forgotten_after_their_window(people: Sessions) -> None:
    for _ in range(FAILURES_ALLOWED - 1):
        sign_in(people, "wrong")
    assert sign_in(people, "wrong", now=later(NOW, FAILURE_WINDOW)) == Refused()


def test_guesses_side_by_side_are_all_counted(people: Sessions) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sign_in(people, "wrong"), range(FAILURES_ALLOWED + 6)))
    assert sum(isinstance(answer, Refused) for answer in answers) == FAILURES_ALLOWED - 1
    assert sum(isinstance(answer, LockedOut) for answer in answers) == 7


def test_names_nobody_bears_do_not_fill_the_table(people: Sessions) -> None:
    for stranger in ("aa", "bb", "cc"):
        sign_in(people, "wrong", name=stranger)
    sign_in(people, "wrong", now=later(NOW, FAILURE_WINDOW))
    left = in_transaction(people, lambda session: session.scalars(select(LoginFailures.name)).all())
    assert left == ["anju.k"]


def test_a_hash_of_older_parameters_is_renewed(people: Sessions) -> None:
    assert isinstance(sign_in(people, passwords=DEARER), Authenticated)
    kept = in_transaction(people, lambda session: session.get_one(User, "anju.k").password_hash)
    assert not DEARER.outdated(kept)
    assert isinstance(sign_in(people, passwords=DEARER), Authenticated)


def test_who_is_barred_is_refused_and_signed_out(people: Sessions) -> None:
    token = signed_in(people)
    in_transaction(people, lambda session: set_disabled(session, "anju.k", disabled=True))
    assert sign_in(people) == Refused()
    assert whose(people, token) is None
    assert in_transaction(people, agents) == []


def test_agents_are_agents_only(people: Sessions) -> None:
    boss = NewUser(name="meera", display_name="Meera", role=Role.SUPERVISOR)
    in_transaction(people, lambda session: add_user(session, boss, password=WORD, now=NOW, passwords=QUICK))
    assert [account.name for account in in_transaction(people, agents)] == ["anju.k"]
    assert [account.name for account in in_transaction(people, accounts)] == ["anju.k", "meera"]


@pytest.mark.parametrize("name", ["anju.k", "A", "a", "1anju", "anju k", "a" * 33, "അഞ്ജു", "anju\n"])
def test_a_bad_or_taken_name_is_refused(people: Sessions, name: str) -> None:
    user = NewUser(name=name, display_name="", role=Role.AGENT)
    with pytest.raises(NameRefused):
        in_transaction(
            people, lambda session: add_user(session, user, password=WORD, now=NOW, passwords=QUICK)
        )


def test_a_new_password_replaces_the_old_and_signs_out(people: Sessions) -> None:
    token = signed_in(people)
    in_transaction(
        people, lambda session: set_password(session, "anju.k", password="new-monsoon-27", passwords=QUICK)
    )
    assert sign_in(people) == Refused()
    assert isinstance(sign_in(people, "new-monsoon-27"), Authenticated)
    assert whose(people, token) is None


def test_a_password_that_is_refused_changes_nothing(people: Sessions) -> None:
    token = signed_in(people)
    with pytest.raises(PasswordRefused):
        in_transaction(people, lambda s: set_password(s, "anju.k", password="short", passwords=QUICK))
    with pytest.raises(UserUnknown, match="nobody"):
        in_transaction(people, lambda s: set_password(s, "nobody", password=WORD, passwords=QUICK))
    assert whose(people, token) == "anju.k"


# --- web sessions --------------------------------------------------------------------------------


def signed_in(sessions: Sessions, now: Instant = NOW) -> str:
    opened = in_transaction(sessions, lambda s: open_session(s, "anju.k", now=now, absolute_limit=SHIFT))
    return opened.token


def whose(sessions: Sessions, token: str, now: Instant = NOW) -> str | None:
    found = in_transaction(sessions, lambda s: find_session(s, token, now=now, idle_limit=IDLE))
    return None if found is None else found.account.name


def test_a_restart_signs_nobody_out(people: Sessions, database_url: str) -> None:
    token = signed_in(people)
    again = open_engine(database_url)
    assert whose(sessionmaker(again), token) == "anju.k"
    again.dispose()


def test_the_token_is_not_in_the_database(people: Sessions) -> None:
    token = signed_in(people)
    row = in_transaction(people, lambda session: session.scalars(select(WebSession)).one())
    assert token not in {str(value) for value in vars(row).values()}


@pytest.mark.parametrize("token", ["", "guess", "\ud800", "a\0b"])
def test_a_guessed_token_is_nobodys(people: Sessions, token: str) -> None:
    signed_in(people)
    assert whose(people, token) is None


def test_csrf_secrets_differ_and_come_back(people: Sessions) -> None:
    opened = [
        in_transaction(people, lambda s: open_session(s, "anju.k", now=NOW, absolute_limit=SHIFT))
        for _ in range(2)
    ]
    found = in_transaction(people, lambda s: find_session(s, opened[0].token, now=NOW, idle_limit=IDLE))
    assert found is not None
    assert found.csrf_secret == opened[0].csrf_secret != opened[1].csrf_secret


def test_a_browser_that_is_idle_is_signed_out(people: Sessions) -> None:
    token = signed_in(people)
    assert whose(people, token, later(NOW, Seconds(IDLE - 1))) == "anju.k"
    assert whose(people, token, later(NOW, IDLE)) is None


def test_a_touched_session_lives_on_but_not_beyond_its_shift(people: Sessions) -> None:
    token, now = signed_in(people), NOW
    while now < NOW + SHIFT - IDLE:
        now = later(now, Seconds(IDLE - 1))
        assert whose(people, token, now) == "anju.k"
        in_transaction(people, lambda s, at=now: touch_session(s, token, now=at))  # type: ignore[misc]
    end = later(NOW, SHIFT)
    in_transaction(people, lambda s: touch_session(s, token, now=end))
    assert whose(people, token, end) is None


def test_a_session_is_to_be_touched_only_now_and_then(people: Sessions) -> None:
    token = signed_in(people)
    asked = [Seconds(0.0), Seconds(SEEN_STEP - 1), SEEN_STEP]
    found = [
        in_transaction(people, lambda s, p=passed: find_session(s, token, now=later(NOW, p), idle_limit=IDLE))  # type: ignore[misc]
        for passed in asked
    ]
    assert [one is not None and one.to_be_touched for one in found] == [False, False, True]


def test_signing_out_ends_one_browser(people: Sessions) -> None:
    here, there = signed_in(people), signed_in(people)
    in_transaction(people, lambda session: close_session(session, here))
    assert (whose(people, here), whose(people, there)) == (None, "anju.k")


def test_purging_removes_what_is_over(people: Sessions, engine: Engine) -> None:
    signed_in(people)
    fresh = signed_in(people, later(NOW, IDLE))
    removed = in_transaction(people, lambda s: purge_sessions(s, now=later(NOW, IDLE), idle_limit=IDLE))
    assert removed == 1
    assert whose(people, fresh, later(NOW, IDLE)) == "anju.k"
