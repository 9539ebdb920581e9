"""Registration numbers: which country's register a number comes from, and whether its check sign holds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .name_keys import party_words

_SOCIAL_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MODULUS = 31


@dataclass(frozen=True)
class RegistrationNumber:
    """A number as registers print it.

    country: of the register, "" where the form is of no known one; valid: whether the check sign
    holds, None where there is none to test.
    """

    number: str
    country: str
    register: str
    valid: bool | None


def registration_number(text: str) -> RegistrationNumber:
    """Read a number in any width, with spaces and dashes or without."""
    plain = re.sub(r"[\s\-.]", "", unicodedata.normalize("NFKC", text)).upper()
    for scheme in party_words()["registration"]:
        found = re.fullmatch(scheme["pattern"], plain)
        if found:
            holds = _CHECKS[scheme["check"]](found[1])
            return RegistrationNumber(found[1], scheme["country"], scheme["name"], holds)
    return RegistrationNumber(plain, "", "", None)


def _nine(number: str) -> bool:
    """First digit = 9 - (sum of the others, weights 1 and 2 in turn from the right) mod 9."""
    total = sum(int(c) * (1 + place % 2) for place, c in enumerate(reversed(number[1:])))
    return int(number[0]) == 9 - total % 9


def _thirty_one(number: str) -> bool:
    """Last sign = 31 - (sum of values times powers of 3) mod 31 (GB 32100-2015)."""
    total = sum(_SOCIAL_CREDIT.index(c) * pow(3, place, _MODULUS) for place, c in enumerate(number[:-1]))
    return _SOCIAL_CREDIT.index(number[-1]) == (_MODULUS - total % _MODULUS) % _MODULUS


_CHECKS = {"nine": _nine, "thirty_one": _thirty_one}
