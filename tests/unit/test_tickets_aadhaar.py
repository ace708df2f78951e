"""Aadhaar numbers never reach what is stored.  Those here are made up; only the check digit is right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.tickets.aadhaar import masked, passes_verhoeff

ONE = "234567890124"
separators = st.sampled_from(["", " ", "-", " - "[:2], "\u00a0", "\u2013", "."])


def with_check_digit(eleven: str) -> str:
    return next(eleven + digit for digit in "0123456789" if passes_verhoeff(eleven + digit))


numbers = st.text("0123456789", min_size=11, max_size=11).map(with_check_digit)


def test_the_check_is_verhoeffs() -> None:
    """The example of the published method: 236 is followed by 3."""
    assert [digit for digit in "0123456789" if passes_verhoeff("236" + digit)] == ["3"]
    assert passes_verhoeff(ONE)


@given(numbers, separators, separators)
def test_it_is_masked_however_it_is_grouped(number: str, first: str, second: str) -> None:
    written = number[:4] + first + number[4:8] + second + number[8:]
    assert masked(f"card {written}, ration") == f"card XXXX XXXX {number[8:]}, ration"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("234567890124", "XXXX XXXX 0124"),
        ("2345 6789 0124 and 2345-6789-0124", "XXXX XXXX 0124 and XXXX XXXX 0124"),
        ("2345\n6789\n0124", "XXXX XXXX 0124"),
        ("നമ്പർ 234567890124 ആണ്", "നമ്പർ XXXX XXXX 0124 ആണ്"),
        ("൨൩൪൫൬൭൮൯൦൧൨൪", "XXXX XXXX ൦൧൨൪"),
        ("x234567890124y", "xXXXX XXXX 0124y"),
    ],
)
def test_it_is_masked_wherever_it_stands(text: str, kept: str) -> None:
    assert masked(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "234567890125",
        "1234567890124",
        "2345678901245",
        "consumer 2600012345",
        "call +234567890124 back",
        "23 4567 8901 24",
    ],
)
def test_other_numbers_are_kept(text: str) -> None:
    assert masked(text) == text


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
