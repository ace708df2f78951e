"""PIN codes: the post's directory and the site's districts name the same places."""

from __future__ import annotations

from pathlib import Path

import indian_pincode
import pytest

from agents_ui.pincodes import PinCode, PinPlace, district_by
from callcentre.configuration.reading import read_configuration
from callcentre.console.pincodes import ConsolePinCodes
from callcentre.tickets.pincodes import CIRCLE, CODES, STATE, districts_of, is_pincode

CONFIG = Path(__file__).parents[2] / "config"


def test_every_district_of_the_directory_is_one_of_the_sites_and_no_other() -> None:
    assert set(indian_pincode.list_districts(STATE)) == set(CODES)
    by_code = {district.id: district.name for district in read_configuration(CONFIG).districts}
    assert {code: name for name, code in CODES.items()} == {
        code: names["en"].upper() for code, names in by_code.items()
    }


def test_every_pin_code_of_kerala_has_its_districts() -> None:
    pincodes = [code for code in indian_pincode.get_pincodes(state=STATE) if code.startswith(CIRCLE)]
    assert len(pincodes) > 1_400
    found = [districts_of(code) for code in pincodes]
    assert all(found)
    # A few are split by a border.
    assert {len(districts) for districts in found if districts} == {1, 2}


@pytest.mark.parametrize(
    ("pincode", "districts"),
    [
        ("695001", ("01",)),
        ("682001", ("07",)),
        ("689694", ("02", "03")),
        ("673310", ()),  # Mahe, between Kannur and Kozhikode
        ("682555", ()),  # Lakshadweep
        ("612906", ()),  # Tamil Nadu, whatever the directory says
        ("110001", ()),
        ("682053", None),  # of which the directory knows no state
        ("999999", None),
        ("69500", None),
        ("", None),
    ],
)
def test_where_one_lies(pincode: str, districts: tuple[str, ...] | None) -> None:
    assert districts_of(pincode) == districts


@pytest.mark.parametrize("text", ["69500", "6950011", "069500", "69500a", "٦٩٥٠٠١", "695001\n", " 695001"])
def test_what_cannot_be_one(text: str) -> None:
    assert not is_pincode(text)


def test_a_site_knows_only_its_own_districts() -> None:
    site = ConsolePinCodes(["01", "02"])
    assert site.find("695 001") == PinCode(PinPlace.HERE, ("01",))
    assert site.find("689694") == PinCode(PinPlace.HERE, ("02",))
    assert site.find("682001") == PinCode(PinPlace.ELSEWHERE)
    assert site.find("999999") == PinCode(PinPlace.UNKNOWN)
    assert site.find("x") == PinCode(PinPlace.MALFORMED)
    assert site.find("  ") is None


@pytest.mark.parametrize(
    ("pin", "chosen", "district"),
    [
        (PinCode(PinPlace.HERE, ("01",)), "", "01"),
        (PinCode(PinPlace.HERE, ("01",)), "07", "01"),
        (PinCode(PinPlace.HERE, ("02", "03")), "", ""),
        (PinCode(PinPlace.HERE, ("02", "03")), "07", ""),
        (PinCode(PinPlace.HERE, ("02", "03")), "03", "03"),
        (PinCode(PinPlace.ELSEWHERE), "07", "07"),
        (PinCode(PinPlace.UNKNOWN), "07", "07"),
        (PinCode(PinPlace.MALFORMED), "07", "07"),
        (None, "07", "07"),
    ],
)
def test_what_it_makes_of_the_district(pin: PinCode | None, chosen: str, district: str) -> None:
    assert district_by(pin, chosen) == district
