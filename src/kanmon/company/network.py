"""The bill of materials, stocks and cleared orders of a firm as arrays for the netting kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import Problem
from .records import Company, Network

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

NAMED = 20
"""Items of one kind of fault that are named one by one."""


def network(company: Company) -> tuple[Network, tuple[Problem, ...]]:
    """Arrays of the firm, and what could not be used of its bill of materials.

    Edges without a usable quantity and edges that close a cycle are left out; the items they lead to are
    listed in `unknown`, since their need is then a lower bound.
    """
    names = _names(company)
    edges, faults, lost = _edges(company["bom"], names)
    parent, child, quantity = edges
    level, looped = _levels(parent, child, len(names))
    if len(looped):
        faults.append(_cycle(names, looped))
        inside = np.isin(parent, looped) & np.isin(child, looped)
        lost += list(zip(parent[inside].tolist(), child[inside].tolist(), strict=True))
        parent, child, quantity = parent[~inside], child[~inside], quantity[~inside]
        level, _ = _levels(parent, child, len(names))
    order = np.argsort(level, kind="stable")
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    by_parent = np.lexsort((place[child], place[parent]))
    first = np.searchsorted(place[parent][by_parent], np.arange(len(names) + 1)).astype(np.int64)
    found = tuple(names[i] for i in order)
    at = {name: i for i, name in enumerate(found)}
    return (
        _filled(
            company,
            found,
            at,
            first,
            place[child][by_parent],
            quantity[by_parent],
            tuple((names[a], names[b]) for a, b in lost),
        ),
        tuple(faults),
    )


def without_receipts(net: Network, sources: frozenset[tuple[str, str]]) -> Network:
    """The network without the cleared orders of some (part, supplier) pairs."""
    pairs = zip(net.receipt_item.tolist(), net.receipt_supplier, strict=True)
    kept = np.array([(net.own(net.items[i]), who) not in sources for i, who in pairs], dtype=bool)
    return replace(
        net,
        receipt_item=net.receipt_item[kept],
        receipt_day=net.receipt_day[kept],
        receipt_quantity=net.receipt_quantity[kept],
        receipt_supplier=tuple(who for who, keep in zip(net.receipt_supplier, kept, strict=True) if keep),
    )


def _names(company: Company) -> list[str]:
    """Every item any table speaks of, once, in the order of first mention."""
    import polars as pl

    told = [
        company[table][column].cast(pl.String)
        for table, column in (
            ("products", "product"),
            ("parts", "part"),
            ("bom", "parent"),
            ("bom", "child"),
            ("demand", "product"),
            ("stock", "part"),
            ("sources", "part"),
        )
    ]
    return list(pl.concat(told).drop_nulls().unique(maintain_order=True).to_list())


def _edges(
    bom: pl.DataFrame, names: list[str]
) -> tuple[tuple[Ints, Ints, NDArray[np.float64]], list[Problem], list[tuple[int, int]]]:
    """Usable edges (parent, child, quantity with scrap), faults, and (parent, child) of the others."""
    import polars as pl

    bad = bom.filter(
        pl.col("quantity").is_null()
        | (pl.col("quantity") <= 0)
        | pl.col("parent").is_null()
        | pl.col("child").is_null()
    )
    faults = [
        Problem(
            f"quantity of {row['child']} in {row['parent']} is {_amount(row['quantity'])}",
            f"{row['file']} row {row['row']}",
            "a line without a quantity above nought says nothing about the need",
            "give the units of the child for one unit of the parent",
        )
        for row in bad.head(NAMED).to_dicts()
    ]
    if bad.height > NAMED:
        faults.append(Problem(f"{bad.height - NAMED} more lines without a usable quantity", "bom"))
    good = bom.join(bad.select("file", "row"), on=["file", "row"], how="anti")
    scrap = good["scrap_rate"].fill_null(0.0) if "scrap_rate" in good.columns else 0.0
    index = pl.DataFrame({"name": pl.Series(names, dtype=pl.String), "at": np.arange(len(names))})
    joined = good.with_columns(full=good["quantity"] * (1.0 + scrap))
    joined = joined.join(index, left_on="parent", right_on="name").rename({"at": "from"})
    joined = joined.join(index, left_on="child", right_on="name").rename({"at": "to"})
    arrays = (
        joined["from"].to_numpy().astype(np.int64),
        joined["to"].to_numpy().astype(np.int64),
        joined["full"].to_numpy().astype(np.float64),
    )
    at = {name: i for i, name in enumerate(names)}
    pairs = bad.drop_nulls(["parent", "child"]).select("parent", "child").unique(maintain_order=True).rows()
    return arrays, faults, [(at[parent], at[child]) for parent, child in pairs]


def _amount(value: float | None) -> str:
    return "missing or unreadable" if value is None else f"{value:g}"


def _levels(parent: Ints, child: Ints, count: int) -> tuple[Ints, Ints]:
    """Longest way from a top item to each item; items on a cycle (or tied to themselves) besides.

    An item is on a cycle where its strongly connected component has more than one member.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(parent), np.int8), (parent, child)), shape=(count, count)).tocsr()
    _, part = connected_components(graph, directed=True, connection="strong")
    size = np.bincount(part, minlength=1)
    looped = np.flatnonzero(size[part] > 1) if count else np.zeros(0, np.int64)
    looped = np.union1d(looped, parent[parent == child])
    level = np.zeros(count, np.int64)
    if len(looped):
        return level, looped
    while True:  # ends after as many rounds as the bill of materials is deep, since nothing loops
        deeper = level.copy()
        np.maximum.at(deeper, child, level[parent] + 1)
        if np.array_equal(deeper, level):
            return level, looped
        level = deeper


def _cycle(names: list[str], looped: Ints) -> Problem:
    shown = ", ".join(names[i] for i in looped[:NAMED])
    return Problem(
        f"the bill of materials runs in a circle through {len(looped)} items: {shown}",
        "bom",
        "an item cannot be made of itself",
        "take out the line that closes the circle; the lines among these items were left out",
    )


def _filled(
    company: Company,
    items: tuple[str, ...],
    at: dict[str, int],
    first: Ints,
    child: Ints,
    quantity: NDArray[np.float64],
    lost: tuple[tuple[str, str], ...],
) -> Network:
    """The network with needs, stocks and cleared orders put in."""
    from ..kernels.netting import planned

    product, need, backlog = _needs(company, at)
    stock = np.zeros(len(items))
    held = company["stock"].drop_nulls(["part", "free"])
    np.add.at(stock, [at[p] for p in held["part"]], held["free"].to_numpy())
    item, day, amount, supplier = _receipts(company, at)
    return Network(
        items,
        first,
        child,
        quantity,
        product,
        need,
        backlog,
        _made(company, items, np.diff(first) > 0),
        np.maximum(stock, 0.0),
        item,
        day,
        amount,
        supplier,
        planned(first, child, quantity, product, need),
        tuple(sorted({child for _, child in lost})),
        lost,
    )


def _made(company: Company, items: tuple[str, ...], has_parts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Items that go down to their parts: those with a bill of materials that are not marked as bought."""
    parts = company["parts"]
    if "make_buy" not in parts.columns:
        return has_parts
    bought = set(parts.filter(parts["make_buy"] == "B")["part"].to_list())
    return np.asarray(has_parts & np.array([name not in bought for name in items], dtype=bool))


def _needs(company: Company, at: dict[str, int]) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Products with their need a day and backlog; customers' demand goes before the product's own plan.

    A product's plan from `products` holds where it is given, since `demand` may leave customers out;
    else the customers' demand is summed.
    """
    import polars as pl

    plan = company["products"].drop_nulls("product").group_by("product").agg(pl.col("weekly_need").max())
    asked = company["demand"].drop_nulls("product")
    backlog = pl.col("backlog") if "backlog" in asked.columns else pl.lit(None, pl.Float64)
    summed = asked.group_by("product").agg(
        pl.col("weekly_need").sum().alias("asked"), backlog.fill_null(0.0).sum().alias("overdue")
    )
    both = plan.join(summed, on="product", how="full", coalesce=True).sort("product")
    weekly = both.select(pl.coalesce("weekly_need", "asked").fill_null(0.0)).to_series()
    return (
        np.array([at[p] for p in both["product"]], np.int64),
        weekly.to_numpy() / 7.0,
        both["overdue"].fill_null(0.0).to_numpy().astype(np.float64),
    )


def _receipts(
    company: Company, at: dict[str, int]
) -> tuple[Ints, Ints, NDArray[np.float64], tuple[str, ...]]:
    """Cleared orders by item and day; an order overdue on the stock date counts on day 0."""
    import polars as pl

    orders = company["orders"].drop_nulls(["part", "quantity", "due"])
    orders = orders.filter(pl.col("cleared") & pl.col("part").is_in(list(at)))
    orders = orders.with_columns(
        item=pl.col("part").replace_strict(at, return_dtype=pl.Int64),
        day=(pl.col("due") - company.stock_date).dt.total_days().clip(lower_bound=0),
    ).sort("item", "day", maintain_order=True)
    supplier = orders["supplier"] if "supplier" in orders.columns else pl.Series([""] * orders.height)
    return (
        orders["item"].to_numpy().astype(np.int64),
        orders["day"].to_numpy().astype(np.int64),
        orders["quantity"].to_numpy().astype(np.float64),
        tuple(supplier.fill_null("").to_list()),
    )
