"""Duration: the fits of the project's note (table 3.2) on the embedded table of past measures.

Where a figure of the note is not met it is listed with ours and the reason:
- lower quartile of A: 2.1 months here against 2.9. S is 21/28 = 0.75 exactly on that step; the note's
  tool took the next one.
- band of P(12 more) of A: 0.44-0.85 (log-log) against 0.50-0.92, which is nearer to a linear band.
- median further life of A: 34 months here (first step at or below one half) against 24, B 28 against
  32, A+B+C 33 against 31: the note does not say how it read them off the curve.
"""

from datetime import date

import numpy as np
import polars as pl
import pytest

from kanmon.core.errors import InputError
from kanmon.expose.duration import MONTH, duration
from kanmon.world.world import World

ON = date(2026, 11, 23)
ELAPSED = int(10.5 * 30.4375)
CASE = {"senders": ("CHN",), "targets": ("JPN",)}


@pytest.fixture(scope="module")
def durations() -> pl.DataFrame:
    frame = World.default().durations
    # The case itself began 321 days before ON; its row is left out of every fit of the note.
    return frame.filter(pl.col("start") != "2026-01-06")


@pytest.mark.parametrize(
    ("kind", "n", "ended", "quartiles", "shape", "median", "p_km", "p_weibull"),
    [
        ("export", 28, 19, (2.1, 11.2, 44.6), 0.63, 12.7, 0.70, 0.68),
        ("export_without_licence", 19, 15, (2.9, 10.5, 29), 0.66, 9.9, 0.56, 0.63),
        ("import", 26, 22, (21, 30.5, 53), 1.14, 35, 0.73, 0.78),
        ("coercion", 59, 44, (8.5, 25, 53), 0.78, 24, 0.74, 0.75),
        ("own_supply", 13, 11, (3.2, 11, 36), 0.78, 15, 0.62, 0.65),
    ],
)
def test_note_table(durations, kind, n, ended, quartiles, shape, median, p_km, p_weibull):
    start = duration(durations, kind, 0, ON)
    assert (start.sample, start.ended) == (n, ended)
    got = [
        float(start.curve.days[np.argmax(start.curve.share <= q + 1e-9)]) / 30.4375 for q in (0.75, 0.5, 0.25)
    ]
    assert got == pytest.approx(quartiles, abs=0.51 if max(quartiles) > 50 else 0.1)
    words = start.second_reading[0].note
    assert f"shape {shape:.2f}" in words
    fitted = float(words.split("median ")[1].split(" ")[0])
    assert fitted == pytest.approx(median, abs=0.5 if median > 20 else 0.11)
    later = duration(durations, kind, ELAPSED, ON)
    assert later.survival[2].value == pytest.approx(100 * p_km, abs=0.6)
    assert later.second_reading[2].value == pytest.approx(100 * p_weibull, abs=0.6)


def test_survivors_of_export_coercion(durations):
    curve = duration(durations, "export", 0, ON).curve
    got = [float(curve.share[int(m * 30.4375)]) for m in (1, 2, 3, 6, 12, 24, 36, 60)]
    assert got[:7] == pytest.approx([0.89, 0.79, 0.68, 0.61, 0.50, 0.37, 0.31], abs=0.006)
    # 60 months: the note's own survivor is 0.21; here too, up to the last day observed.
    assert got[7] == pytest.approx(0.21, abs=0.006)


def test_band_of_twelve_months(durations):
    figure = duration(durations, "export", ELAPSED, ON).survival[2]
    assert (figure.low, figure.high) == pytest.approx((43.6, 85.4), abs=0.1)


def test_the_case_is_left_out_of_its_own_sample():
    frame = World.default().durations
    elapsed = (ON - date(2026, 1, 6)).days
    assert duration(frame, "ban", elapsed, ON, **CASE).sample == 28
    assert duration(frame, "ban", elapsed, ON).sample == 28
    assert duration(frame, "ban", elapsed, ON, senders=("USA",), targets=("IND",)).sample == 29
    for sender, target, start in (("JPN", "KOR", date(2019, 7, 4)), ("CHN", "USA", date(2024, 12, 3))):
        own = duration(frame, "licence", (ON - start).days, ON, senders=(sender,), targets=(target,))
        assert own.sample == 28


def test_as_known_on_an_earlier_day(durations):
    """In 2012 nothing later is known, and what ended later was still on."""
    early = duration(durations, "export", 0, date(2012, 1, 1))
    late = duration(durations, "export", 0, ON)
    assert early.sample < late.sample
    assert all(p[1] <= "2012-01-01" and (p[2] == "ongoing" or p[2] <= "2012-01-01") for p in early.precedents)
    assert duration(durations, "export", 10, date(1940, 1, 1)).sample == 0


def test_beyond_the_last_day_only_a_bound(durations):
    far = duration(durations, "export", ELAPSED, ON, months=(12, 120))
    assert far.survival[0].value is not None
    assert far.survival[1].value is None
    assert far.survival[1].low == 0.0
    assert far.survival[1].high == pytest.approx(100 * far.curve.share[-1])
    assert far.second_reading[1].value is not None
    nobody = duration(durations, "export", 40_000, ON)
    assert [(f.value, f.low, f.high) for f in nobody.survival] == [(None, 0.0, 100.0)] * 3
    assert nobody.median_left_months.value is None


def test_precedents_are_the_nearest(durations):
    near = duration(durations, "ban", ELAPSED, ON, **CASE).precedents
    assert 1 <= len(near) <= 6
    assert all("China to" in what or "Japan" in what for what, *_ in near)
    assert all(title for *_, title in near)


def test_faults_are_listed_together(durations):
    bad = durations.with_columns(
        start=pl.when(pl.col("id") == 1).then(pl.lit("yesterday")).otherwise(pl.col("start")),
        end=pl.when(pl.col("id") == 2).then(pl.lit("2001-01-01")).otherwise(pl.col("end")),
    )
    with pytest.raises(InputError) as caught:
        duration(bad, "ban", 10, ON)
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match="unknown kind"):
        duration(durations, "embarg", 10, ON)
    with pytest.raises(InputError):
        duration(durations, "ban", -1, ON)


def test_a_month_is_a_twelfth_of_a_year():
    assert pytest.approx(365) == 12 * MONTH
