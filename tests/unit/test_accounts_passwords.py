"""Passwords: what is refused, and that a stranger's name costs as much as a user's."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from callcentre.accounts.passwords import LONGEST, PasswordFault, PasswordRefused, Passwords


class CountedHasher(PasswordHasher):
    """The smallest argon2 there is, counting how often it worked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified += 1
        return super().verify(hash, password)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", PasswordFault.TOO_SHORT),
        ("ninechars", PasswordFault.TOO_SHORT),
        ("x" * (LONGEST + 1), PasswordFault.TOO_LONG),
        ("anju.krishnan", PasswordFault.SAME_AS_NAME),
        ("ANJU.Krishnan", PasswordFault.SAME_AS_NAME),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password: str, fault: PasswordFault) -> None:
    with pytest.raises(PasswordRefused, match="refused: use") as refused:
        Passwords(CountedHasher()).hashed(password, name="anju.krishnan")
    assert refused.value.fault is fault
    assert not password or password not in str(refused.value)


@pytest.mark.parametrize("password", ["ten chars!", "മലയാളം പാസ്‌വേഡ്", "x" * LONGEST, "\U0001f511" * 10])
def test_a_good_password_matches_and_only_it(password: str) -> None:
    passwords = Passwords(CountedHasher())
    kept = passwords.hashed(password, name="anju")
    assert passwords.match(kept, password)
    assert not passwords.match(kept, password[:-1])
    assert not passwords.match(kept, password + "x")


def test_the_same_word_typed_on_two_keyboards_is_the_same() -> None:
    passwords = Passwords(CountedHasher())
    kept = passwords.hashed("caf\u00e9 au lait", name="anju")
    assert passwords.match(kept, "cafe\u0301 au lait")


def test_nobodys_password_is_checked_like_anybodys() -> None:
    hasher = CountedHasher()
    passwords = Passwords(hasher)
    assert not passwords.match(None, "nobody's password")
    assert hasher.verified == 1
    assert not passwords.match(passwords.hashed("ten chars!", name="a"), "wrong")
    assert hasher.verified == 2


def test_a_spoilt_hash_matches_nothing() -> None:
    assert not Passwords(CountedHasher()).match("not a hash", "ten chars!")


def test_ours_are_the_parameters_of_rfc_9106() -> None:
    kept = Passwords().hashed("ten chars!", name="anju")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not Passwords().outdated(kept)
    assert Passwords(CountedHasher()).outdated(kept)
