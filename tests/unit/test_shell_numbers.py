"""Callers' numbers: one form to compare, and never whole in a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.numbers import is_indian_mobile, masked, normalised


@pytest.mark.parametrize(
    "raw", ["9447012345", "09447012345", "+919447012345", "00919447012345", "+91 94470 12345", "94470-12345"]
)
def test_every_way_to_write_a_number_is_one_number(raw: str) -> None:
    assert normalised(raw) == "+919447012345"


@pytest.mark.parametrize(
    ("raw", "same"),
    [
        ("04712345678", "+914712345678"),
        ("+971501234567", "+971501234567"),
        ("", ""),
        ("anonymous", "anonymous"),
        ("1916", "1916"),
        ("12", "12"),
        ("9" * 40, "9" * 40),
        # A nought too many is taken off each time it is read.
        ("0000000000", "0000000000"),
        ("+390612345678", "+390612345678"),
    ],
)
def test_landlines_foreigners_and_what_is_no_number(raw: str, same: str) -> None:
    assert normalised(raw) == same


@given(st.text(max_size=60))
def test_whatever_a_stranger_sends_is_answered_once_and_for_all(raw: str) -> None:
    assert normalised(normalised(raw)) == normalised(raw)
    assert is_indian_mobile(raw) in (True, False)


@pytest.mark.parametrize(
    ("number", "reached"),
    [
        ("+919447012345", True),
        ("+916282012345", True),
        ("+914712345678", False),
        ("+9118004251125", False),
        ("+447400123456", False),
        ("1916", False),
        ("", False),
    ],
)
def test_an_sms_reaches_mobiles_of_this_country(number: str, reached: bool) -> None:
    assert is_indian_mobile(number) is reached


@pytest.mark.parametrize(
    ("number", "shown"), [("+919447012345", "*********2345"), ("12345", "*2345"), ("1916", "1916"), ("", "")]
)
def test_a_log_shows_four_digits(number: str, shown: str) -> None:
    assert masked(number) == shown
