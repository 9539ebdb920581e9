"""How the compiled shortage kernel keeps its arrays, made from the arrays of a draw.

What belongs to (product p, buyer j) is kept relative to the normal purchase B_pj = sum_r Z_(r,p)j and by
columns of p. Buyers of an ordinary product stand in their own order, so that its steps run over whole rows.
Controlled products have few buyers: these are packed to the front, and only their columns are worked on.
Columns stay sorted by region of the buyer; rows are padded with noughts to whole vector lanes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .shortage_plain import SHORT, Array, Ints, ShortageInput

LANES = 32
PLANES = 11
B, INVERSE, PHI, GOAL, UPPER, RATE, MOST, LEAD, WANTED, USUAL, SPARE = range(PLANES)
"""Planes of (S, PLANES, W): normal purchase and its inverse; output lost without the input; lower and upper
stock goal, share of a gap ordered a day; most thrift and days before it begins. Orders: of ordinary products
all together; of controlled ones those of usual sellers, and the excess asked of those with spare output."""


class Layout(NamedTuple):
    """W columns, padded; the rest as in ShortageInput.

    Z (S, R, W) by product, region of the seller, column; planes (S, PLANES, W); rows (2, P, W) stock in days
    and the inverse of the working stock. ints (5, S): index into K or -1, first and last + 1 stock row,
    columns padded and columns of a product. column (S, N): buyer of a column; start (S, R + 1): first column
    of a region; place (S, R): column of the product's own seller in a region, or -1. short: fulfilment below
    which a buyer counts as short.
    """

    Z: Array
    planes: Array
    rows: Array
    ints: Ints
    column: Ints
    start: Ints
    place: Ints
    short: float


def _columns(d: ShortageInput, bought: Array) -> tuple[Ints, Ints, Ints, Ints]:
    """Count, buyer, region start and place of the columns of each product."""
    S, N = bought.shape
    R = N // S
    buys = (bought > 0) | (d.controlled < 0)[:, None]
    count = buys.sum(axis=1)
    column = np.argsort(~buys, axis=1, kind="stable")
    start = np.zeros((S, R + 1), dtype=np.int64)
    np.cumsum(buys.reshape(S, R, S).sum(axis=2), axis=1, out=start[:, 1:])
    own = np.arange(R) * S + np.arange(S)[:, None]
    before = np.cumsum(buys, axis=1) - 1
    place = np.where(np.take_along_axis(buys, own, 1), np.take_along_axis(before, own, 1), -1)
    return count, column, start, place


def _by_buyer(by_region: Array, column: Ints) -> Array:
    """(rows, R) by buyer region to (rows, N) by column."""
    S = column.shape[1] // by_region.shape[1]
    return np.asarray(np.take_along_axis(by_region, column // S, axis=1))


def layout(d: ShortageInput, dtype: type) -> Layout:
    """Lay the arrays of a draw out for the compiled kernel, all real ones as dtype."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    W = -(-N // LANES) * LANES
    if (d.controlled[d.leg_node % S] < 0).any():
        raise ValueError("a throttled flow is of a product that is not among the controlled ones")
    controlled = np.flatnonzero(d.controlled >= 0)
    cells = d.Z.reshape(R, S, N).transpose(1, 0, 2)
    bought = cells.sum(axis=1)
    count, column, start, place = _columns(d, bought)
    Z: Array = np.zeros((S, R, W), dtype=dtype)
    Z[:, :, :N] = cells
    for p in controlled:
        Z[p, :, :N] = cells[p][:, column[p]]
    planes: Array = np.zeros((S, PLANES, W), dtype=dtype)
    normal = Z.sum(axis=1, dtype=np.float64)
    planes[:, B] = normal
    # A purchase too small for the type to hold its inverse is none.
    some = normal > 1e8 * float(np.finfo(dtype).tiny)
    planes[:, INVERSE] = np.divide(1.0, normal, out=np.zeros_like(normal), where=some)
    planes[:, PHI, :N] = np.take_along_axis(d.phi, column, axis=1)
    for plane, values in ((GOAL, d.goal), (UPPER, d.goal + d.extra), (RATE, 1.0 / d.restock)):
        planes[:, plane, :N] = _by_buyer(values, column)
    for plane, values in ((MOST, d.beta_max), (LEAD, d.beta_lead)):
        planes[controlled, plane, :N] = _by_buyer(values[d.controlled[controlled]], column[controlled])
    planes[:, WANTED], planes[:, USUAL] = 1.0, 1.0
    of_row = column[np.repeat(np.arange(S), np.diff(d.first))]
    rows: Array = np.zeros((2, d.first[-1], W), dtype=dtype)
    # A stock just at its working level serves all use: rounding must not make it fall short.
    eps = float(np.finfo(dtype).eps)
    rows[0, :, :N] = _by_buyer(d.cover, of_row)
    rows[1, :, :N] = _by_buyer((1.0 + 8 * eps) / d.working, of_row)
    ints = np.stack([d.controlled, d.first[:-1], d.first[1:], -(-count // LANES) * LANES, count])
    return Layout(Z, planes, rows, ints, column, start, place, 1.0 - max(1.0 - SHORT, 100 * eps))


def padded(values: NDArray[np.generic], W: int, dtype: type, fill: float = 0.0) -> Array:
    """Values of the nodes, padded to W."""
    out: Array = np.full(W, fill, dtype=dtype)
    out[: values.size] = values
    return out
