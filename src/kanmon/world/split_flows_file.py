"""A user's own flows and use shares from one CSV, checked as a whole."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.draws import Uncertain
from ..core.errors import InputError, Problem, nearest
from ..core.source import Source
from .parameters import Parameters
from .split_check import USER, Context, range_of
from .store import file_hash

if TYPE_CHECKING:
    from .world import World

FLOW_COLUMNS = ("product", "seller", "buyer", "user", "unit", "low", "mid", "high", "source", "note")
NEEDED = FLOW_COLUMNS[:8]
UNITS = {
    "usd_m": "USD million a year from seller to buyer; it stands in place of every other figure of that flow",
    "share_of_hs": "share of the trade in the product's codes, seller to buyer ('*' is everyone)",
    "share_of_rest": "share of what the sellers named in the parameters do not deliver to the buyer",
    "use_share": "share of the buyer's use that goes to the industry or product in column user",
}


def with_flows(world: World, path: str | Path, label: str = "") -> World:
    """The world with the flows and use shares of a CSV in place of ours; InputError lists all faults.

    Columns and units: docs/split.md. A flow row replaces our row of the same product, seller, buyer and
    unit; use shares of a product and buyer replace all of ours for them. label: what figures that rest
    on it name as their source.
    """
    file = Path(path)
    context = Context(world, file, [], label or f"user file {file.name}")
    flows: list[dict[str, Any]] = []
    shares: dict[tuple[str, str, str, str], Uncertain] = {}
    for number, row in _csv(context):
        span = _span(context, row, f"row {number}")
        _check_row(context, row, f"row {number}")
        if span is None:
            continue
        source = context.label + (f": {row['source']}" if row.get("source") else "")
        if row["unit"] == "use_share":
            place = "" if row["buyer"] == "*" else row["buyer"]
            key = ("u_share", row["product"], row["user"], place)
            if key in shares:
                context.wrong(f"{key[1]} to {key[2]} in {row['buyer']} stands twice", f"row {number}")
            card = Source(f"{context.label}, use", source, confidence=USER)
            note = row.get("note") or ""
            shares[key] = Uncertain(key, *span, "triangular", "share of use", "assumed", card, note)
            continue
        flows.append(
            {k: row[k] for k in ("product", "seller", "buyer", "unit")}
            | dict(zip(("low", "mid", "high"), span, strict=True))
            | {"basis": USER, "source": source, "url": None, "confidence": USER, "note": row.get("note")}
        )
    _check_sums(context, shares)
    if context.problems:
        raise InputError(context.problems)
    return _with_rows(world, file, flows, shares)


def _with_rows(
    world: World,
    file: Path,
    flows: list[dict[str, Any]],
    shares: Mapping[tuple[str, str, str, str], Uncertain],
) -> World:
    import polars as pl

    own = pl.DataFrame(flows, schema=world.flows.schema) if flows else world.flows.clear()
    keys = ["product", "seller", "buyer", "unit"]
    frame = pl.concat([world.flows.join(own, on=keys, how="anti"), own])
    told = {(k[1], k[3]) for k in shares}
    kept = [p for p in world.parameters if not (p.key[0] == "u_share" and (p.key[1], p.key[3]) in told)]
    return replace(
        world,
        own_parameters=Parameters((*kept, *shares.values()), world.parameters.skipped),
        own_frames={**(world.own_frames or {}), "flows": frame},
        own_files=(*world.own_files, f"{file.name}:{file_hash(file)}"),
    )


# --- the CSV -----------------------------------------------------------------------------------------


def _csv(context: Context) -> list[tuple[int, dict[str, str]]]:
    """Rows with their line numbers; a missing column is the only thing told of the file then."""
    try:
        with context.path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restkey="more")
            names = tuple(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise InputError(Problem(f"the file of flows cannot be read: {fault}", str(context.path))) from None
    for name in NEEDED:
        if name not in names:
            context.wrong(f"column {name} is missing", "row 1", fix=",".join(FLOW_COLUMNS))
    for name in names:
        if name not in FLOW_COLUMNS:
            context.wrong(f"unknown column {name!r}", "row 1", near=nearest(name, FLOW_COLUMNS))
    if context.problems:
        raise InputError(context.problems)
    out = []
    for number, row in enumerate(rows, start=2):
        if "more" in row:
            context.wrong("more cells than columns", f"row {number}", fix="quote cells that hold commas")
        out.append((number, {k: (row.get(k) or "").strip() for k in FLOW_COLUMNS}))
    return out


def _span(context: Context, row: Mapping[str, str], where: str) -> tuple[float, float, float] | None:
    values = []
    for name in ("low", "mid", "high"):
        try:
            values.append(float(row[name]))
        except ValueError:
            context.wrong(f"{row[name]!r} is no number", f"{where} {name}")
    if len(values) < 3:
        return None
    top = 1.0 if row["unit"] in ("use_share", "share_of_rest") else None
    return range_of(context, values, f"{where} low, mid, high", top=top)


def _check_row(context: Context, row: Mapping[str, str], where: str) -> None:
    """Names in one row of the CSV."""
    world = context.world
    if row["product"] in world.catalogue and row["product"] not in world.products:
        _check_whole(context, row, where)
    elif row["product"] not in world.products:
        context.wrong(
            f"{row['product']!r} is no product",
            f"{where} product",
            fix="define it in a --products file",
            near=nearest(row["product"], world.catalogue),
        )
    if row["unit"] not in UNITS:
        context.wrong(f"unit {row['unit']!r} is unknown", f"{where} unit", near=tuple(UNITS))
        return
    for name in ("seller", "buyer"):
        code = row[name]
        if name == "seller" and row["unit"] == "use_share":
            if code:
                context.wrong("a use share has no seller", f"{where} seller", fix="leave the cell empty")
            continue
        if code != "*" and not context.is_country(code):
            context.wrong(f"{code!r} is no country of the table", f"{where} {name}", fix="alpha-3 code, or *")
    known = (*context.sectors, *world.products)
    if row["unit"] == "use_share" and row["user"] not in known:
        context.wrong(
            f"{row['user']!r} is neither an industry nor a product",
            f"{where} user",
            near=nearest(row["user"], known),
        )
    if row["unit"] != "use_share" and row["user"]:
        context.wrong("a flow has no user", f"{where} user", fix="leave the cell empty")


def _check_whole(context: Context, row: Mapping[str, str], where: str) -> None:
    """A product in grades: its flows may be given as a whole, its users only by grade."""
    if row["unit"] == "use_share":
        grades = context.world.parts(row["product"])
        context.wrong(
            f"{row['product']} stands in grades, whose users differ",
            f"{where} product",
            fix=f"give those of {' and '.join(grades)}, or load one product for them (docs/split.md)",
            near=grades,
        )


def _check_sums(context: Context, shares: Mapping[tuple[str, str, str, str], Uncertain]) -> None:
    """Use shares of one product and buyer may leave a rest, but not exceed the whole."""
    total: dict[tuple[str, str], float] = {}
    for key, row in shares.items():
        total[key[1], key[3]] = total.get((key[1], key[3]), 0.0) + row.mid
    for (product, buyer), value in total.items():
        if value > 1 + 1e-9:
            context.wrong(
                f"use shares of {product} in {buyer or '*'} add up to {value:.3g}",
                "column mid",
                "shares of use are at most 1 together",
            )
