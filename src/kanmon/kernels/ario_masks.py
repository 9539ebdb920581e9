"""Restrictions of the ARIO model as factors on cells, and where orders move to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .ario_events import Array, Flags, Overlap, Restriction


@dataclass(frozen=True)
class Masks:
    """Restrictions as factors on the cells of the table, which are the same for a group of buyers.

    group: (N,) group of each buyer, 0 where nothing is restricted; member: (L, G) restrictions by groups;
    sellers: (L, N). closed: (G, S) products that a group buys from restricted sellers alone; usual: (G, N)
    the sellers it buys a closed product from. kept, ordered: (L, steps + 1) as in Restriction.
    """

    group: NDArray[np.int64]
    member: Flags
    sellers: Flags
    closed: Flags
    usual: Flags
    kept: Array
    ordered: Array
    overlap: Overlap

    @classmethod
    def of(
        cls, restrictions: list[Restriction], Z: NDArray[np.floating], S: int, steps: int, *, overlap: Overlap
    ) -> Masks:
        """Group the buyers of any number of restrictions on a table Z (N, N) of S products."""
        N = Z.shape[0]
        buyers = np.array([r.buyers for r in restrictions], dtype=bool).reshape(-1, N)
        sellers = np.array([r.sellers for r in restrictions], dtype=bool).reshape(-1, N)
        choices = _choices(sellers, buyers, alike(restrictions), Z, S)
        # A first column of noughts makes "nothing restricted" the first group.
        key = np.c_[np.zeros(len(buyers) + S, dtype=np.int64), np.r_[buyers, choices.number]]
        groups, first, group = np.unique(key, axis=1, return_index=True, return_inverse=True)
        member, number = groups[: len(buyers)] > 0, groups[len(buyers) :].T
        usual = np.zeros((groups.shape[1], N), dtype=bool)
        for g, p in np.argwhere(number > 0):
            usual[g, p::S] = choices.sellers[p, first[g] - 1]
        empty = np.empty((0, 0))
        group = np.ascontiguousarray(group.ravel()[1:], dtype=np.int64)
        masks = cls(group, member, sellers, number > 0, usual, empty, empty, overlap)
        return masks.timed(restrictions, steps, overlap=overlap)

    def timed(self, restrictions: list[Restriction], steps: int, *, overlap: Overlap) -> Masks:
        """The same flows, restricted at other times or to another degree."""
        shape = (len(restrictions), steps + 1)
        kept = np.array([[r.kept(t) for t in range(steps + 1)] for r in restrictions]).reshape(shape)
        ordered = np.array([r.ordered(steps + 1) for r in restrictions]).reshape(shape)
        return replace(self, kept=kept, ordered=ordered, overlap=overlap)

    def passing(self, by_restriction: Array) -> Array:
        """Factors by group of buyers and seller, (G, N), from one factor for each restriction."""
        out = np.ones(self.usual.shape)
        for factor, sellers, member in zip(by_restriction, self.sellers, self.member, strict=True):
            here = np.ix_(member, sellers)
            if self.overlap == "strictest":
                out[here] = np.minimum(out[here], factor)
            elif self.overlap == "multiply":
                out[here] *= factor
            else:
                out[here] -= 1 - factor
        return np.maximum(out, 0.0) if self.overlap == "add" else out

    def turned(self, by_restriction: Array) -> Array:
        """The weight of orders, (G, N): that of `passing` over that of the most open usual seller.

        So orders in all fall by what the most open seller keeps: where a seller is free they move to it in
        full, and a ban on everybody is not undone by ordering more. It is continuous, and never rises with
        a stricter restriction.
        """
        weight = self.passing(by_restriction)
        G, S = self.closed.shape
        best = np.where(self.usual, weight, 0.0).reshape(G, -1, S).max(axis=1)
        best = np.where(self.closed & (best > 0), best, 1.0)
        over = np.tile(best, (1, weight.shape[1] // S))
        # Where nobody may sell anything no order is made; its weight only has to be a number.
        return np.where(np.tile(self.closed, (1, weight.shape[1] // S)) & ~self.usual, 1.0, weight / over)


def alike(restrictions: Sequence[Restriction]) -> tuple[int, ...]:
    """Number of each restriction's terms: those of one number keep the same on every day."""
    known: dict[tuple[float, ...], int] = {}
    terms = [(r.first, r.last, r.enforcement, r.leakage, r.share, r.resource_days) for r in restrictions]
    return tuple(known.setdefault(t, len(known)) for t in terms)


@dataclass(frozen=True)
class _Choices:
    """Sellers among whom orders move, where none is free.

    number: (S, N) 0 where a usual seller of the product is free, else a number for what the buyer can choose
    from; sellers: (product, buyer) -> (R,) flags of the usual sellers, one of each terms.
    """

    number: NDArray[np.int64]
    sellers: dict[tuple[int, int], Flags]


def _choices(
    sellers: Flags, buyers: Flags, terms: tuple[int, ...], Z: NDArray[np.floating], S: int
) -> _Choices:
    """Buyers that take a product from restricted sellers alone, by the terms they can choose from.

    Sellers under the same terms count as one, else each buyer would be a group of its own.
    """
    R, N = Z.shape[0] // S, Z.shape[0]
    number = np.zeros((S, N), dtype=np.int64)
    found: dict[tuple[int, int], Flags] = {}
    by_product = sellers.reshape(-1, R, S)
    unlike, of_buyer = np.unique(buyers, axis=1, return_inverse=True)
    classes = np.array(terms)[:, None] == np.arange(max(terms, default=0) + 1)
    for m, who in enumerate(unlike.T):
        columns = np.flatnonzero(of_buyer.ravel() == m)
        for p in np.flatnonzero(by_product[who].any(axis=(0, 1))):
            # (R, classes): which terms each seller of the product is under.
            under = by_product[who, :, p].T.astype(np.int64) @ classes[who] > 0
            patterns, pattern = np.unique(under, axis=0, return_inverse=True)
            bought = Z[p::S][:, columns] > 0
            there = np.array([bought[pattern.ravel() == k].any(axis=0) for k in range(len(patterns))])
            free = ~patterns.any(axis=1)
            shut = there.any(axis=0) & ~there[free].any(axis=0)
            kinds, kind = np.unique(there[:, shut], axis=1, return_inverse=True)
            number[p, columns[shut]] = kind.ravel() + 1
            for j, k in zip(columns[shut], kind.ravel(), strict=True):
                found[int(p), int(j)] = kinds[pattern.ravel(), k]
    return _Choices(number, found)
