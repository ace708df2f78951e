"""Keeps passwords as argon2id hashes, and takes as long over a stranger's name as over a user's.

PasswordRefused    the user's: the new password breaks a rule; ``fault`` is a stable code
"""

from __future__ import annotations

import unicodedata
from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# NIST SP 800-63B asks for 8; ten, because no second factor stands behind it yet.
SHORTEST = 10
# Hashing is dear by design; a megabyte of password is an attack.
LONGEST = 256


class PasswordFault(Enum):
    """Which rule a new password breaks; the value is stable and translated by the console."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SAME_AS_NAME = "same_as_name"


class PasswordRefused(ValueError):
    """The new password breaks a rule."""

    def __init__(self, fault: PasswordFault) -> None:
        explained = {
            PasswordFault.TOO_SHORT: f"use at least {SHORTEST} characters",
            PasswordFault.TOO_LONG: f"use at most {LONGEST} characters",
            PasswordFault.SAME_AS_NAME: "use something other than the login name",
        }
        super().__init__(f"the password was refused: {explained[fault]}")
        self.fault = fault


class Passwords:
    """Hashes and checks with one set of argon2 parameters; RFC 9106's second choice unless told otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys: str | None = None

    def hashed(self, password: str, *, name: str) -> str:
        """The hash to keep for *name*'s new *password*.  Raises PasswordRefused."""
        password = _normal(password)
        if len(password) < SHORTEST:
            raise PasswordRefused(PasswordFault.TOO_SHORT)
        if len(password) > LONGEST:
            raise PasswordRefused(PasswordFault.TOO_LONG)
        if password.casefold() == name.casefold():
            raise PasswordRefused(PasswordFault.SAME_AS_NAME)
        return self._hasher.hash(password)

    def match(self, kept: str | None, password: str) -> bool:
        """Whether *password* is the one *kept*; with None kept, False after the same work."""
        # Made at the first check of all, whoever it is for, so that its cost tells nothing.
        self._nobodys = self._nobodys or self._hasher.hash("nobody's password")
        password = _normal(password)
        if len(password) > LONGEST:
            kept, password = None, ""
        try:
            self._hasher.verify(kept or self._nobodys, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether *kept* was made with other parameters than ours."""
        return self._hasher.check_needs_rehash(kept)

    def renewed(self, password: str) -> str:
        """A hash with our parameters for a *password* that has just matched, whatever today's rules."""
        return self._hasher.hash(_normal(password))


def _normal(password: str) -> str:
    """One spelling for what looks the same: keyboards differ in how they compose Malayalam (RFC 8265)."""
    return unicodedata.normalize("NFKC", password)
