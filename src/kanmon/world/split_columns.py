"""Columns of the carved products: what they buy, and what their parent then buys less.

The column of product k in region s, output X_k:
- split inputs S_k (an earlier stage of the same chain), as the rows placed them, at most (1 - floor) X_k;
- value added v_k X_k, with v_k the parent's share v_p but at least the floor, and less than v_p (not
  below the floor) where S_k leaves no more;
- ordinary inputs, in the parent's own mix, for the rest.
All of it comes out of the parent's column, so that parent and products add up to the sector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .records import IOTable


def carve_columns(
    Z: NDArray[np.float64],
    focus: IOTable,
    parents: Sequence[int],
    floor: float,
) -> NDArray[np.float64]:
    """Fill the product columns of Z in place; return output x, (draws, R, S+K).

    Z: (draws, R, S+K, R, S+K) with product rows already placed, split inputs in product columns.
    parents: sector index of each product's parent; floor: least value-added share.
    """
    R, S, K = len(focus.regions), len(focus.sectors), len(parents)
    D = Z.shape[0]
    x = np.zeros((D, R, S + K))
    x[:, :, :S] = focus.x.reshape(R, S)
    if not K:
        return x
    X = Z[:, :, S:].sum(axis=(3, 4))
    x[:, :, S:] = X
    for k, p in enumerate(parents):
        x[:, :, p] -= X[:, :, k]
    value_added = focus.value_added.reshape(R, S)
    for p in sorted(set(parents)):
        mine = [k for k in range(K) if parents[k] == p]
        _ordinary_inputs(Z, X, S, mine, p, floor, focus.x.reshape(R, S)[:, p], value_added[:, p])
    return x


def _ordinary_inputs(
    Z: NDArray[np.float64],
    X: NDArray[np.float64],
    S: int,
    mine: Sequence[int],
    p: int,
    floor: float,
    x_parent: NDArray[np.float64],
    va_parent: NDArray[np.float64],
) -> None:
    """Move the products' share of the parent's ordinary inputs into their own columns.

    What the parent buys of other products stays with it as long as its ordinary inputs suffice: a product is
    made from the products it names.
    """
    share = np.divide(va_parent, x_parent, out=np.zeros_like(x_parent), where=x_parent > 0)
    total = X[:, :, mine].sum(axis=2)
    # The floor cannot take more value added than the whole sector has.
    ceiling = np.divide(np.maximum(va_parent, 0.0), total, out=np.full_like(total, np.inf), where=total > 0)
    least = np.minimum(floor, ceiling)
    v = np.maximum(np.maximum(share, 0.0), least)
    rows = (slice(0, S), slice(S, None))  # ordinary inputs; other products, only where those do not suffice
    mixes = [Z[:, :, part, :, p].copy() for part in rows]
    amounts = []
    for k in mine:
        bought = Z[..., S + k].sum(axis=(1, 2))
        amounts.append(np.maximum((1 - v) * X[:, :, k] - bought, 0.0))
    wanted = np.sum(amounts, axis=0)
    open_to = wanted
    for part, mix in zip(rows, mixes, strict=True):
        column = mix.sum(axis=(1, 2))
        # A sector cannot pass on more inputs than it has.
        moved = np.minimum(open_to, column)
        for k, amount in zip(mine, amounts, strict=True):
            due = np.divide(moved * amount, wanted * column, out=np.zeros_like(column), where=moved > 0)
            Z[:, :, part, :, S + k] += mix * due[:, None, None]
        left = 1.0 - np.divide(moved, column, out=np.zeros_like(column), where=column > 0)
        Z[:, :, part, :, p] = mix * np.maximum(left, 0.0)[:, None, None]
        open_to = open_to - moved
