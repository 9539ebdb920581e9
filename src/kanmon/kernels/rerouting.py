"""Rerouting and rationing after a trade restriction: a static equilibrium on the whole table.

Model of the program `sanction-simulator` 0.1.4 (Bhattathiripad and Veetil, "Political Power in
International Trade", arXiv 2607.09990), written anew from its equations. In short:

1. A cell (i, j) in scope keeps the share k_ij of its flow in the kernel K = k Z; of what is stopped,
   (1 - k) Z, the share `friction` is lost for good: it leaves what buyer j gets of the product in all
   (c_rj) and what seller i sells in all (g_i).
2. Per product r, flows are balanced on the new margins: W_ij = u_i K_ij v_rj (iterative proportional
   fitting; no new pairs of seller and buyer).
3. Fulfilment h in (0, 1]: theta_rj = min(1, sum_i W_ij h_i / C_rj), C the old margins;
   kappa_j = (sum_r C_rj theta_rj^rho / sum_r C_rj)^(1/rho);
   lambda_j = ((1 - mu_j) + mu_j kappa_j^varrho)^(1/varrho), mu the share of intermediate inputs;
   x = lambda z + h D, D_i = sum_j W_ij x_j / s_j; h_i = lambda_i min(1, dbar_i / D_i), dbar = s - z.

The last minimum never binds at a solution: h and lambda are at most 1, so x = s is an upper solution of
the equation for x, hence x <= s and D <= g <= dbar. So h = lambda(h) is solved alone, then x is one linear
system; that D <= dbar is checked at the end. For the same reason no industry can gain in this model.

The balanced flows are never formed: W is Z scaled on both sides, so a batch of scenarios reads the table
once per step for all of them, product by product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .rerouting_balance import MARGIN_ERROR, Piece, balance, pairs
from .rerouting_blocks import PARTS, Deal, Vector, gather, in_turn, parts_of, spread
from .static import Cells, Index

TOLERANCE = 1e-12
STEPS = 500
DEPTH = 6
LEAST = 1e-9
"""Fulfilment is held above this on the way to the solution, where negative powers of nought would arise."""


@dataclass(frozen=True, eq=False)
class Network:
    """A table by product block.

    Z: (S, R, N) flows, seller by product and region, buyer as node = region * S + sector. margin: (S, N)
    what each buyer spends on each product. s: (N,) output, z: (N,) final use, mu: (N,) intermediate
    share of output. pairs: what the Jacobians of a product share, worked out when first wanted.
    """

    Z: Vector
    margin: Vector
    s: Vector
    z: Vector
    mu: Vector
    pairs: dict[int, Vector] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rerouted:
    """Solution of one scenario.

    x: (N,) output. fulfilled: (N,) share of the demand for its goods that an industry can meet (lambda,
    and h). inputs: (N,) kappa. steps: iterations of balancing, fulfilment and output. margin_error:
    largest relative error of a balanced margin.
    """

    x: Vector
    fulfilled: Vector
    inputs: Vector
    steps: tuple[int, int, int]
    margin_error: float


class NotSolvedError(ArithmeticError):
    """The balancing or the fixed point did not settle; the text says which."""


def network(Z: Vector, per_column: Vector, s: Vector, z: Vector, regions: int) -> Network:
    """Arrange a table by product block.

    Z * per_column (N, N) are input coefficients, node = region * S + sector; s: (N,) output that solves
    s = A s + z; z: (N,) final use, not negative.
    """
    N = len(s)
    blocks = np.empty((N // regions, regions, N))
    np.multiply(Z.reshape(regions, N // regions, N).transpose(1, 0, 2), per_column * s, out=blocks)
    margin = blocks.sum(axis=1)
    return Network(blocks, margin, s, z, margin.sum(axis=0) / np.where(s > 0, s, 1.0))


def reroute(
    net: Network,
    cuts: Sequence[Cells],
    friction: float,
    rho: float = -1.0,
    varrho: float = -1.0,
    deal: Deal = in_turn,
) -> tuple[Rerouted, ...]:
    """Solve a batch of scenarios.

    cuts: cells in scope with the share of each that is kept, by node. friction in [0, 1]; rho, varrho
    below 0: elasticities 1 / (1 - rho) between products and 1 / (1 - varrho) between inputs and value
    added. deal: how parts of the products are run. Raises NotSolvedError.
    """
    system = _System(net, cuts, friction, rho, varrho, deal)
    if not system.margin_error.max() <= MARGIN_ERROR:
        raise NotSolvedError("the flows cannot be balanced on the margins that the friction leaves")
    start = np.ones((len(cuts), len(net.s)))
    fulfilled, h_steps = anderson(system.fulfilled, start)
    inputs = system.inputs
    out, x_steps = anderson(lambda y, k: system.output(y, fulfilled[k], k), fulfilled)
    if not np.all(system.demand(out, np.arange(len(cuts))) <= (net.s - net.z) + 1e-9 * net.s.max()):
        raise NotSolvedError("industries are asked for more than they sold before")
    return tuple(
        Rerouted(
            out[k] * net.s,
            fulfilled[k],
            inputs[k],
            (int(system.steps[k]), int(h_steps[k]), int(x_steps[k])),
            float(system.margin_error[k]),
        )
        for k in range(len(cuts))
    )


class _System:
    """The balanced flows of a batch of scenarios, as scalings of the table, and the maps on them."""

    def __init__(
        self, net: Network, cuts: Sequence[Cells], friction: float, rho: float, varrho: float, deal: Deal
    ) -> None:
        S, R, N = net.Z.shape
        K = len(cuts)
        self.net, self.rho, self.varrho = net, rho, varrho
        self.deal, self.parts = deal, parts_of(S)
        self.u, self.v = np.ones((S, K, R)), np.ones((S, K, N))
        self.changes: list[dict[int, tuple[Piece, Vector]]] = [{} for _ in range(S)]
        steps, error = np.zeros((S, K), dtype=np.int64), np.zeros((S, K))

        def fit(products: range) -> None:
            for r in products:
                pieces = {k: p for k, cut in enumerate(cuts) if (p := _piece(cut, r, net.Z[r])) is not None}
                if not pieces:
                    continue
                if r not in net.pairs:
                    net.pairs[r] = pairs(net.Z[r])
                which = list(pieces)
                found = balance(net.Z[r], net.pairs[r], list(pieces.values()), friction)
                self.u[r, which], self.v[r, which], steps[r, which], error[r, which] = found
                for k, piece in pieces.items():
                    gone = net.Z[r][np.ix_(piece.rows, piece.columns)] * (piece.kept - 1.0)
                    self.changes[r][k] = (piece, gone)

        deal(fit, self.parts)
        self.steps, self.margin_error = steps.max(axis=0), error.max(axis=0)
        spent = net.margin > 0
        self.per_margin = np.divide(1.0, net.margin, out=np.zeros_like(net.margin), where=spent)
        self.unspent = np.where(spent, 0.0, 1.0)
        self.spent = net.margin.sum(axis=0)
        self.inputs = np.ones((K, N))

    def fulfilled(self, h: Vector, active: Index) -> Vector:
        """lambda(h) of step 3 for the scenarios `active`; also notes kappa. h: (active, N)."""
        net = self.net
        S, R, N = net.Z.shape
        scaled = np.ascontiguousarray(np.clip(h, LEAST, 1.0).reshape(-1, R, S).transpose(2, 0, 1))
        scaled *= self.u[:, active]
        totals = np.zeros((PARTS, len(active), N))

        def add(products: range) -> None:
            reached, total = np.empty((len(active), N)), totals[products.start]
            for r in products:
                spread(scaled[r], net.Z[r], reached)
                for a, (piece, gone) in self._changed(r, active):
                    reached[a, piece.columns] += scaled[r, a, piece.rows] @ gone
                reached *= self.v[r, active]
                reached *= self.per_margin[r]
                reached += self.unspent[r]
                np.clip(reached, LEAST, 1.0, out=reached)
                total += net.margin[r] * reached**self.rho

        self.deal(add, self.parts)
        sums = totals.sum(axis=0)
        kappa = np.divide(sums, self.spent, out=np.ones_like(sums), where=self.spent > 0) ** (1.0 / self.rho)
        self.inputs[active] = kappa
        return np.asarray((1.0 - net.mu + net.mu * kappa**self.varrho) ** (1.0 / self.varrho))

    def output(self, y: Vector, fulfilled: Vector, active: Index) -> Vector:
        """Next x / s given x / s, (active, N): the right side of the equation for x."""
        made = fulfilled * (self.net.z + self.demand(y, active))
        return np.asarray(np.divide(made, self.net.s, out=np.ones_like(made), where=self.net.s > 0))

    def demand(self, y: Vector, active: Index) -> Vector:
        """D, intermediate sales asked for at output y = x / s, (active, N)."""
        net = self.net
        S, R, N = net.Z.shape
        asked = np.empty((S, len(active), R))

        def add(products: range) -> None:
            for r in products:
                weight = self.v[r, active] * y
                gather(weight, net.Z[r], asked[r])
                for a, (piece, gone) in self._changed(r, active):
                    asked[r, a, piece.rows] += gone @ weight[a, piece.columns]

        self.deal(add, self.parts)
        asked *= self.u[:, active]
        return asked.transpose(1, 2, 0).reshape(len(active), N)

    def _changed(self, product: int, active: Index) -> list[tuple[int, tuple[Piece, Vector]]]:
        """What the scenarios change in a product, with their places among `active`."""
        found = [(a, self.changes[product].get(int(k))) for a, k in enumerate(active)]
        return [(a, change) for a, change in found if change is not None]


def _piece(cut: Cells, product: int, Z: Vector) -> Piece | None:
    """What a scenario changes in the flows Z (R, N) of one product; None where it leaves them alone."""
    sectors = Z.shape[1] // Z.shape[0]
    mine = cut.rows % sectors == product
    rows, kept = cut.rows[mine] // sectors, cut.factor[mine]
    touched = np.any((kept < 1.0) & (Z[np.ix_(rows, cut.columns)] > 0), axis=1)
    return Piece(rows[touched], cut.columns, kept[touched]) if touched.any() else None


def anderson(step: Callable[[Vector, Index], Vector], start: Vector) -> tuple[Vector, NDArray[np.int64]]:
    """Fixed points of K maps at once by Anderson mixing (Walker and Ni 2011); settled ones drop out.

    step(x, k) maps the rows x of the scenarios k. Returns the points (K, N) and the steps taken (K,).
    Raises NotSolvedError where a change stays above TOLERANCE.
    """
    x, steps = start.copy(), np.zeros(len(start), dtype=np.int64)
    past: list[list[tuple[Vector, Vector]]] = [[] for _ in start]
    active = np.arange(len(start))
    for count in range(1, STEPS + 1):
        image = step(x[active], active)
        change = image - x[active]
        open_ones = []
        for a, k in enumerate(active):
            steps[k] = count
            x[k] = image[a]
            if np.abs(change[a]).max() <= TOLERANCE:
                continue
            open_ones.append(k)
            past[k] = [*past[k][-DEPTH:], (image[a], change[a])]
            if len(past[k]) > 1:
                images, changes = (np.array([p[n] for p in past[k]]) for n in (0, 1))
                moves = np.diff(changes, axis=0)
                # Sums without BLAS: its threads would cost more than these few products.
                normal = np.einsum("in,jn->ij", moves, moves)
                weight = np.linalg.lstsq(normal, np.einsum("in,n->i", moves, change[a]), rcond=1e-14)[0]
                x[k] = image[a] - np.einsum("i,in->n", weight, np.diff(images, axis=0))
        active = np.array(open_ones, dtype=np.int64)
        if not len(active):
            return x, steps
    raise NotSolvedError(f"no fixed point after {STEPS} steps")
