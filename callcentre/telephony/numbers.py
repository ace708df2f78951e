"""Callers' numbers: as the network sent them, as one form to compare, and as much as a log may show.

Dialled helpline numbers (1916, 155300, …) are short codes, not E.164 numbers, and never come here.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

# Where a number without a country code belongs.
HOME = "IN"
# Numbers of the country as networks send them, for the dialplan: a regular expression as POSIX has them.
HOME_NUMBER = "^([+]?91|0)?[1-9][0-9]{9}$"
SHOWN_DIGITS = 4
# A few numbers may be either.
MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Each caller's number is asked for again and again while she is there, and takes a tenth of a millisecond.
NUMBERS_REMEMBERED = 4_096


@lru_cache(maxsize=NUMBERS_REMEMBERED)
def normalised(raw: str) -> str:
    """*raw* as E.164 (``+919447012345``) where it is a possible number, else as it came; "" when withheld."""
    try:
        number = phonenumbers.parse(raw, HOME)
    except phonenumbers.NumberParseException:
        return raw
    told = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # What reads otherwise the second time, such as noughts alone, is nobody's number.
    is_number = phonenumbers.is_possible_number(number) and phonenumbers.parse(told, HOME) == number
    return told if is_number else raw


@lru_cache(maxsize=NUMBERS_REMEMBERED)
def is_indian_mobile(number: str) -> bool:
    """Whether *number* (E.164) can be reached by the SMS gateways, which serve this country's mobiles."""
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return False
    ours = parsed.country_code == phonenumbers.country_code_for_region(HOME)
    return ours and phonenumbers.number_type(parsed) in MOBILE


def masked(number: str) -> str:
    """*number* with all but its last four digits hidden, for logs."""
    return "*" * max(len(number) - SHOWN_DIGITS, 0) + number[-SHOWN_DIGITS:]
