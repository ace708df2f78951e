"""What is said to the Civil Supplies Department's service, and what it answers: no network here.

The published contract is «Civil Supplies Department, Kerala» 3.0.0 of API Setu.  What of it is used, and
where a telephone menu needs something else, is in docs/ration-cards.md.

    Refused      theirs: an error of the contract
    Malformed    theirs: nothing of the contract at all
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from ivr.exchange import CardKind, NothingFound, RationCardFound

PATH = "/ratcr/certificate"
KEY_HEADER = "X-APISETU-APIKEY"
CLIENT_HEADER = "X-APISETU-CLIENTID"
# The longest answer of the contract is some hundred bytes.
LONGEST_ANSWER = 16 * 1024
# What of an error is written into the log: a word of the contract is shorter.
SHOWN = 40
MOST_MEMBERS = 99

KINDS: Mapping[object, CardKind] = {
    "AAY": CardKind.AAY,
    "PHH": CardKind.PHH,
    "NPS": CardKind.NPS,
    "NPNS": CardKind.NPNS,
}
ACTIVE: Mapping[object, bool] = {"A": True, "I": False}

CardAnswer: TypeAlias = RationCardFound | NothingFound


class Refused(Exception):
    """The service answered, and would not tell."""


class Malformed(Exception):
    """What came is not an answer."""


def question(number: str, *, transaction: str) -> bytes:
    """The body that asks for card *number*; *transaction* is a new UUID."""
    asked = {
        "txnId": transaction,
        "format": "json",
        "certificateParameters": {"rationCardNo": number},
    }
    return json.dumps(asked).encode("ascii")


def answer(status: int, body: bytes, *, number: str) -> CardAnswer:
    """What the service says of card *number*.  Raises Refused, Malformed."""
    told = _object(body)
    if status == 200:
        return _card(told, number)
    error = told.get("error")
    if status == 404 and error == "record_not_found":
        return NothingFound()
    if not isinstance(error, str):
        raise Malformed(f"{status} without an error")
    raise Refused(f"{status} {error[:SHOWN]!a}")


def _card(told: Mapping[str, Any], number: str) -> RationCardFound:
    if str(told.get("number")) != number:
        raise Malformed("another card than was asked for")
    card = _below(_below(told, "CertificateData"), "RationCard")
    kind, active = _word(card, "type", KINDS), _word(told, "status", ACTIVE)
    members = card.get("members")
    if type(members) is not int or not 0 <= members <= MOST_MEMBERS:
        raise Malformed("no number of members")
    return RationCardFound(kind=kind, active=active, members=members)


def _word(told: Mapping[str, Any], key: str, known: Mapping[object, Any]) -> Any:
    word = told.get(key)
    if not isinstance(word, str) or word not in known:
        raise Malformed(f"an unknown {key}")
    return known[word]


def _below(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = told.get(key)
    if not isinstance(value, dict):
        raise Malformed(f"no {key}")
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(told, dict):
        raise Malformed("not a JSON object")
    return told
