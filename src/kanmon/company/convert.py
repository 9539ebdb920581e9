"""Tables of a firm in one form: quantities in the part's unit, money in the firm's currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import Problem
from .cells import UNREAD
from .fields import Unit, fold, units

if TYPE_CHECKING:
    import polars as pl

MONEY = {
    "parts": ("cost",),
    "products": ("price",),
    "demand": ("price",),
    "options": ("cost",),
    "ledger": (),
}
"""Tables with a currency of their own, and their amounts; ledger lines keep theirs and get a rate."""
NAMED = 10
CUT = 40
"""Characters after which a large system cuts the text of an order line."""


def in_parts_units(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Turn quantities of bom, stock, orders and demand into the unit of the part, in place of the frames.

    A part without a unit of its own has the first that a table tells of it. A unit of another kind than the
    part's (pieces against kilograms), and one that could not be read, leave the quantity unknown.
    """
    own, faults = _own_units(frames)
    for table, part, columns in (
        ("bom", "child", ("quantity",)),
        ("stock", "part", ("free", "blocked", "inspection")),
        ("orders", "part", ("quantity",)),
        ("demand", "product", ("weekly_need", "backlog")),
    ):
        frames[table], found = _converted(frames[table], own, part, columns, table)
        faults += found
    bom = frames["bom"]
    if bom["base"].null_count() < bom.height:
        frames["bom"] = bom.with_columns(
            quantity=bom["quantity"] / bom["base"].fill_null(1.0).replace(0.0, None)
        )
    return [*faults, *_priced_by_unit(frames)]


def _own_units(frames: dict[str, pl.DataFrame]) -> tuple[pl.DataFrame, list[Problem]]:
    """part, own: the unit that each part is counted in, and what had to be guessed."""
    import polars as pl

    told = frames["parts"].select("part", own="unit").drop_nulls().unique("part", keep="first")
    rest = pl.concat(
        [
            frames[table]
            .lazy()
            .select(pl.col(part).alias("part"), own=pl.col("unit"))
            .drop_nulls()
            .join(told.lazy(), on="part", how="anti", maintain_order="left")
            .collect()
            for table, part in (
                ("bom", "child"),
                ("stock", "part"),
                ("orders", "part"),
                ("demand", "product"),
                ("ledger", "part"),
            )
        ]
    )
    first = rest.unique("part", keep="first", maintain_order=True)
    own = pl.concat([told, first])
    guessed = rest.unique().join(first, on="part", suffix=" own").filter(pl.col("own") != pl.col("own own"))
    if guessed.height == 0:
        return own, []
    names = ", ".join(sorted(guessed["part"].unique())[:NAMED])
    why = "several units are told of them; the first (bill of materials, stock, orders, demand) is theirs"
    return own, [Problem(f"items without a unit of their own: {names}", "parts", why)]


def _converted(
    frame: pl.DataFrame, own: pl.DataFrame, part: str, columns: tuple[str, ...], table: str
) -> tuple[pl.DataFrame, list[Problem]]:
    import polars as pl

    both = frame.join(own.rename({"part": part}), on=part, how="left", maintain_order="left")
    both = both.join(_factors(both, "unit", "own"), on=["unit", "own"], how="left", maintain_order="left")
    clash = pl.col("unit").is_not_null() & pl.col("own").is_not_null() & pl.col("factor").is_null()
    bad = both.filter(clash)
    by = pl.when(clash).then(None).otherwise(pl.col("factor").fill_null(1.0))
    both = both.with_columns([(pl.col(c) * by).alias(c) for c in columns])
    if table == "demand":
        both = both.with_columns(price=pl.col("price") / by)
    faults = [
        Problem(
            f"{row[part]} is counted in {shown(row['own'])}, this line is in {shown(row['unit'])}",
            f"{row['file']} row {row['row']}",
            "the one cannot be turned into the other without the weight or size of a piece",
            "the quantity is taken as unknown",
        )
        for row in bad.head(NAMED).to_dicts()
    ]
    if bad.height > NAMED:
        faults.append(Problem(f"{bad.height - NAMED} more lines whose unit is not the part's", table))
    return both.select(frame.columns), faults


def shown(unit: str) -> str:
    """A unit as the user wrote it, where it could not be read."""
    return unit.removeprefix(UNREAD)


def _factors(frame: pl.DataFrame, given: str, want: str) -> pl.DataFrame:
    """Pairs of units of a frame with what one of the first is in the second, null where it cannot be told."""
    import polars as pl

    by_name = {unit.name: unit for unit in units().values()}
    pairs = frame.select(given, want).drop_nulls().unique().rows()
    known = [(a, b, 1.0 if a == b else _factor(by_name.get(a), by_name.get(b))) for a, b in pairs]
    schema = {given: pl.String, want: pl.String, "factor": pl.Float64}
    return pl.DataFrame(known, schema=schema, orient="row")


def _factor(given: Unit | None, want: Unit | None) -> float | None:
    return given.factor / want.factor if given and want and given.kind == want.kind else None


def _priced_by_unit(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Put prices of purchase lines that hold for another unit than the line's into the line's own unit."""
    import polars as pl

    ledger = frames["ledger"]
    differs = pl.col("price_uom").is_not_null() & pl.col("price_uom").ne_missing(pl.col("unit"))
    if ledger.filter(differs).height == 0:
        return []
    both = ledger.join(
        _factors(ledger, "unit", "price_uom"), on=["unit", "price_uom"], how="left", maintain_order="left"
    )
    price = pl.when(differs).then(pl.col("price") * pl.col("factor")).otherwise(pl.col("price"))
    frames["ledger"] = both.with_columns(price=price).select(ledger.columns)
    bad = both.filter(differs & pl.col("factor").is_null() & pl.col("value").is_null())
    rows = ", ".join(f"{row['file']} row {row['row']}" for row in bad.head(NAMED).to_dicts())
    why = "the price holds for a unit that the quantity cannot be turned into"
    if bad.height == 0:
        return []
    return [Problem(f"{bad.height} lines without a known value", rows, why, "give the net value")]


def parts_by_text(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Lay purchase lines without an item to the only item of the same text, in place of the frame.

    The text is one of the item's descriptions (whole, or its first 40 characters, where a system cuts it), or
    ends in the item's code. Case, widths and spaces do not count. Lines that fit several stay as they are.
    """
    import polars as pl

    ledger, parts = frames["ledger"], frames["parts"].drop_nulls("part")
    lacking = ledger.filter(pl.col("part").is_null() & pl.col("description").is_not_null())
    if lacking.height == 0 or parts.height == 0:
        return []
    by_text: dict[str, set[str]] = {}
    for part, *texts in parts.select("part", "description", "description_local").rows():
        for text in filter(None, texts):
            for told in {fold(text), fold(text[:CUT])}:
                by_text.setdefault(told, set()).add(part)
    codes = set(parts["part"].to_list())
    found = {}
    for text in lacking["description"].unique():
        last = text.split()[-1].upper() if text.split() else ""
        fits = {last} if last in codes else by_text.get(fold(text), set())
        if len(fits) == 1:
            found[text] = next(iter(fits))
    if not found:
        return []
    laid = pl.col("description").replace_strict(found, default=None, return_dtype=pl.String)
    frames["ledger"] = ledger.with_columns(part=pl.coalesce("part", laid))
    count = lacking["description"].is_in(list(found)).sum()
    why = f"of {lacking.height:,} lines without an item; the others fit several items or none"
    return [Problem(f"{count:,} purchase lines were laid to an item by their text", "ledger", why)]


def sources_from_ledger(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Give items that no source names the suppliers and origins they were bought from, in place of the frame.

    Share: part of the quantity bought of the item, in one unit; left open where a quantity is not known.
    """
    import polars as pl

    told = frames["ledger"].drop_nulls("part")
    known = pl.concat([frames["sources"]["part"], frames["bom"]["parent"]]).drop_nulls().unique()
    lacking = told.filter(~pl.col("part").is_in(known.implode()))
    if lacking.height == 0:
        return []
    own, _ = _own_units(frames)
    counted, _ = _converted(lacking, own, "part", ("quantity",), "ledger")
    ways = counted.group_by("part", "supplier", "origin", maintain_order=True).agg(
        pl.col("quantity").sum(), open=pl.col("quantity").is_null().any()
    )
    whole = pl.col("quantity").sum().over("part")
    usable = (pl.col("quantity") >= 0) & (whole > 0) & ~pl.col("open").any().over("part")
    ways = ways.with_columns(share=pl.when(usable).then(pl.col("quantity") / whole))
    rows = ways.select("part", "supplier", "share", "origin").with_columns(file=pl.lit(""))
    frames["sources"] = pl.concat([frames["sources"], rows], how="diagonal")
    count = ways["part"].n_unique()
    why = "who sold it, and the origin, as the purchase lines tell"
    faults = [Problem(f"{count:,} items have no source: taken from the purchases", "sources", why)]
    unknown = ways.filter(pl.col("open"))["part"].unique().sort()
    if len(unknown):
        why = "a quantity is lacking, or is in a unit that cannot be turned into the item's"
        shown_parts = ", ".join(unknown.head(NAMED))
        faults.append(Problem(f"{len(unknown):,} of them have no share: {shown_parts}", "ledger", why))
    return faults


def suppliers_joined(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Lay rows that name a supplier to the only supplier of that name in the master, in place of the frames.

    Systems that keep numbers export names all the same: in the column of the supplier, or beside an empty
    one. Case, widths and spaces do not count. Keys that the master knows stay as they are.
    """
    import polars as pl

    known = frames["suppliers"].drop_nulls("supplier")
    by_name: dict[str, set[str]] = {}
    for row in known.select("supplier", *(c for c in ("name", "name_local") if c in known.columns)).rows():
        for name in filter(None, row[1:]):
            by_name.setdefault(fold(name), set()).add(row[0])
    keys = set(known["supplier"].to_list())
    count = 0
    for table in ("sources", "orders", "ledger"):
        frame = frames[table]
        name = pl.col("supplier_name") if "supplier_name" in frame.columns else pl.lit(None, pl.String)
        told = frame.select(told=pl.coalesce("supplier", name))["told"]
        fits = {one: by_name.get(fold(one), set()) for one in told.drop_nulls().unique() if one not in keys}
        laid = {one: next(iter(codes)) for one, codes in fits.items() if len(codes) == 1}
        if laid:
            code = told.replace_strict(laid, default=None, return_dtype=pl.String)
            frames[table] = frame.with_columns(supplier=pl.coalesce(code, "supplier"))
            count += len(code.drop_nulls())
    why = "they name the supplier in place of its number; each name is that of one supplier"
    return [Problem(f"{count:,} rows were laid to a supplier by its name", "suppliers", why)] if count else []


def suppliers_by_name(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Give suppliers that no master knows a row with their name, so that names are screened.

    The name is that of the purchase lines, or the key itself where it is a name: systems that keep no numbers
    export names. Their countries stay unknown.
    """
    import polars as pl

    suppliers = frames["suppliers"]
    lines = frames["ledger"].select("supplier", name="supplier_name")
    keys = pl.concat([frames[table]["supplier"] for table in ("sources", "orders", "ledger")])
    told = pl.DataFrame({"supplier": keys}).drop_nulls().unique(maintain_order=True)
    told = told.filter(~pl.col("supplier").is_in(suppliers["supplier"].drop_nulls().implode()))
    named = told.join(
        lines.drop_nulls().unique("supplier", keep="first"), on="supplier", how="left", maintain_order="left"
    )
    own = pl.when(pl.col("supplier").str.contains(r"\p{L}{2}.*\s|[^\x00-\x7F]{2}")).then("supplier")
    named = named.with_columns(name=pl.coalesce("name", own)).drop_nulls("name")
    if named.height == 0:
        return []
    frames["suppliers"] = pl.concat([suppliers, named.with_columns(file=pl.lit(""))], how="diagonal")
    why = "no file of suppliers tells more; their names are screened, their countries are not known"
    shown_names = ", ".join(named["name"].head(NAMED))
    what = f"{named.height:,} suppliers are known by name only: {shown_names}"
    return [Problem(what, "suppliers", why)]


def in_firms_money(frames: dict[str, pl.DataFrame], told: str) -> tuple[str, list[Problem]]:
    """Turn costs and prices with a currency of their own into the firm's currency.

    The firm's currency is what the user says, or the one whose rate is 1. Amounts in a currency without
    a rate become unknown. Ledger lines keep their currency; `rate` is added for sums.
    """
    import polars as pl

    rates = frames["fx"].drop_nulls(["currency", "rate"])
    ones = rates.filter(pl.col("rate") == 1.0)["currency"].to_list()
    own = told or (ones[0] if len(ones) == 1 else "")
    faults = []
    if not own and rates.height == 0:
        spoken = {c for t in MONEY for c in frames[t]["currency"].drop_nulls().unique()}
        own = spoken.pop() if len(spoken) == 1 else ""
    if not own:
        faults.append(
            Problem(
                "the firm's currency is not known",
                "fx",
                "no table of rates with one currency at 1",
                "give it with --currency",
            )
        )
    for table in ("parts", "demand"):
        each = pl.col("price_per").fill_null(1.0)
        frames[table] = frames[table].with_columns([pl.col(c) / each for c in MONEY[table]])
    known = pl.concat(
        [rates.select("currency", "rate"), pl.DataFrame({"currency": [own], "rate": [1.0]})]
    ).unique("currency", keep="first")
    for table, columns in MONEY.items():
        frame = frames[table].join(known, on="currency", how="left", maintain_order="left")
        by = pl.when(pl.col("currency").is_null()).then(1.0).otherwise(pl.col("rate"))
        frame = frame.with_columns([(pl.col(c) * by).alias(c) for c in columns], rate=by)
        lacking = sorted(frame.filter(pl.col("rate").is_null())["currency"].drop_nulls().unique().to_list())
        if lacking:
            faults.append(
                Problem(
                    f"no rate for {', '.join(lacking)}", table, fix="add the currency to the table of rates"
                )
            )
        frames[table] = frame if table == "ledger" else frame.drop("rate")
    return own, faults
