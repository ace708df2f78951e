"""Docket numbers: what a telephone garbles is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.tickets.docket import (
    LAST_SERIAL,
    LENGTH,
    QUASIGROUP,
    docket_number,
    grouped,
    is_valid,
    ungrouped,
)

dockets = st.builds(docket_number, st.integers(2000, 2099), st.integers(1, LAST_SERIAL))
places = st.integers(0, LENGTH - 1)


def test_the_check_digit_is_damms() -> None:
    """The example of the published method: 572 is followed by 4."""
    assert docket_number(2000, 572) == "0000005724"


def test_a_docket_is_the_year_and_the_serial_and_a_digit() -> None:
    assert docket_number(2026, 12345)[:9] == "260012345"


def test_the_table_is_a_quasigroup_that_notices_exchanges() -> None:
    digits = range(10)
    for row, column in zip(QUASIGROUP, zip(*QUASIGROUP, strict=True), strict=True):
        assert set(row) == set(column) == set(digits)
    assert all(QUASIGROUP[digit][digit] == 0 for digit in digits)
    assert not any(
        QUASIGROUP[QUASIGROUP[c][x]][y] == QUASIGROUP[QUASIGROUP[c][y]][x]
        for c in digits
        for x in digits
        for y in range(x)
    )


@given(dockets)
def test_every_docket_is_valid_also_as_it_is_read_out(docket: str) -> None:
    assert is_valid(docket)
    assert ungrouped(grouped(docket)) == docket


@given(dockets, places, st.integers(1, 9))
def test_every_wrong_digit_is_noticed(docket: str, place: int, wrong_by: int) -> None:
    digit = (int(docket[place]) + wrong_by) % 10
    assert not is_valid(docket[:place] + str(digit) + docket[place + 1 :])


@given(dockets, st.integers(0, LENGTH - 2))
def test_every_exchange_of_neighbours_is_noticed(docket: str, place: int) -> None:
    exchanged = docket[:place] + docket[place + 1] + docket[place] + docket[place + 2 :]
    assert exchanged == docket or not is_valid(exchanged)


@pytest.mark.parametrize(
    "text",
    ["", "0", "00", "000000000", "00000000000", "260 001 2345", "²600000010", "൨600000010", "260000001x"],
)
def test_what_is_not_ten_digits_is_no_docket(text: str) -> None:
    assert not is_valid(text)


def test_what_people_type_is_ungrouped() -> None:
    assert ungrouped(" 260-001 2345\u00a0") == "2600012345"


@pytest.mark.parametrize("serial", [0, -1, LAST_SERIAL + 1])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    with pytest.raises(ValueError, match="serial"):
        docket_number(2026, serial)
