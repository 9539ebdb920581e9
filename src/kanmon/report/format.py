"""How a figure is written: significant digits, ranges, bounds and units, in one place."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from ..core.figure import Figure

SCALES = ("million", "billion", "trillion")
SMALLEST = 0.001
"""Percentages nearer to nought are written 0.000: more digits would claim more than is known."""

UNKNOWN = "unknown"


def digits(value: float, significant: int = 2) -> str:
    """A number with so many significant digits, thousands separated; whole numbers keep all of theirs."""
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    step = Decimal(1).scaleb(exponent - significant + 1)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    # Half up may carry into the next power of ten (0.996 to 1.00): the digits are those of the result.
    decimals = max(0, significant - 1 - rounded.adjusted())
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text and significant > 2 else text


def decimals(step: float) -> int:
    """Places after the point of a power of ten: 3 for 0.001."""
    return max(0, -Decimal(repr(step)).adjusted())


def whole(value: float) -> str:
    """A count: every digit, thousands separated."""
    return f"{int(round(value)):,}"


def _one(value: float, significant: int, *, percent: bool, count: bool) -> str:
    if percent and abs(value) < SMALLEST:
        return "0" if value == 0 else f"{0:.{decimals(SMALLEST)}f}"
    if count and abs(value) >= 10:
        return whole(value)
    return digits(value, significant)


def scale(figure: Figure) -> tuple[float, str, str]:
    """Factor, words before and words after for a unit: shares in per cent, money at a readable size."""
    unit = figure.unit
    known = [abs(v) for v in (figure.value, figure.low, figure.high) if v is not None]
    most = max(known, default=0.0)
    if unit == "share":
        return 100.0, "", "%"
    words = [*unit.split(" ", 2), "", ""][:3]
    if words[1] and len(words[0]) == 3 and words[0].isupper() and words[1] in SCALES:
        place, factor = SCALES.index(words[1]), 1.0
        while most * factor >= 1000 and place < len(SCALES) - 1:
            place, factor = place + 1, factor / 1000
        return factor, words[0], f"{SCALES[place]} {words[2]}".strip()
    if unit == "rank correlation":
        return 1.0, "", ""
    return 1.0, "", unit


def _texts(numbers: list[float], *, percent: bool, count: bool, start: int) -> list[str]:
    """The numbers with the fewest digits (2 to 4) that still tell different ones apart."""
    texts: list[str] = []
    for significant in range(start, 5):
        texts = [_one(n, significant, percent=percent, count=count) for n in numbers]
        told = {n: t for n, t in zip(numbers, texts, strict=True) if not (percent and abs(n) < SMALLEST)}
        if len(set(told.values())) == len(told):
            break
    return texts


def amount(figure: Figure, *, unit: bool = True) -> str:
    """The number and unit of a figure as one plain phrase: '0.12 to 0.98 % of GDP, mid 0.43'.

    Exact: the number. Two ends: 'low to high', then the mid. One end: 'at least' or 'at most'.
    None: 'unknown'. Without `unit` the number alone, for a table whose head names the unit.
    """
    factor, before, after = scale(figure)
    parts = [v * factor for v in (figure.low, figure.high, figure.value) if v is not None]
    if not parts:
        return UNKNOWN
    percent = "%" in after
    count = figure.unit not in {"share", "rank correlation"} and not percent
    start = 3 if figure.exact or figure.basis in {"measured", "sourced"} else 2
    texts = iter(_texts(parts, percent=percent, count=count, start=start))
    low = next(texts) if figure.low is not None else None
    high = next(texts) if figure.high is not None else None
    mid = next(texts) if figure.value is not None else None
    if percent and any(parts) and max(abs(n) for n in parts) < SMALLEST:
        number, tail = f"below {SMALLEST}", ""
    elif low is not None and high is not None:
        number = low if low == high else f"{low} to {high}"
        tail = f", mid {mid}" if mid is not None and low != high else ""
    elif high is not None:
        number, tail = f"at most {high}", f", mid {mid}" if mid is not None else ""
    elif low is not None:
        number, tail = f"at least {low}", f", mid {mid}" if mid is not None else ""
    else:
        number, tail = str(mid), ""
    words = (before, number, after) if unit else (number,)
    return " ".join(word for word in words if word) + tail


def plain(value: float, unit: str) -> str:
    """A number of a table column whose header carries the unit: three digits, shares in per cent."""
    if math.isnan(value):
        return UNKNOWN
    if unit == "share":
        return digits(100 * value, 3)
    if float(value).is_integer() and abs(value) < 1e15:
        return whole(value)
    return _one(value, 3, percent="%" in unit, count=abs(value) >= 1000)
