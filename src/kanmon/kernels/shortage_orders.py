"""Steps of the compiled shortage kernel: demand, deliveries, stocks and orders of one product at a time.

Equations and symbols: shortage_plain.py; how the arrays are kept: shortage_layout.py; style of the loops:
shortage_make.py.
"""

from __future__ import annotations

from numba import njit

from .shortage_layout import GOAL, INVERSE, RATE, SPARE, UPPER, USUAL, WANTED, B
from .shortage_make import INNER, TINY, jit
from .shortage_plain import Array, Ints


@njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)  # type: ignore[untyped-decorator]
def dot(row: Array, a: Array) -> float:
    """Sum of products (its order is fixed by the compiled code)."""
    total = row.dtype.type(0)
    for j in range(row.size):
        total += row[j] * a[j]
    return total


@njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)  # type: ignore[untyped-decorator]
def dot_two(row: Array, a: Array, b: Array) -> tuple[float, float]:
    """Sums of products with two weights in one read."""
    first, second = row.dtype.type(0), row.dtype.type(0)
    for j in range(row.size):
        first += row[j] * a[j]
        second += row[j] * b[j]
    return first, second


@njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)  # type: ignore[untyped-decorator]
def dot_rows(row: Array, other: Array, wanted: Array) -> tuple[float, float, float, float]:
    """Sums of two rows with usual orders and with those beyond them, in one read."""
    one, nought = row.dtype.type(1), row.dtype.type(0)
    usual, beyond, other_usual, other_beyond = nought, nought, nought, nought
    for j in range(row.size):
        o, f = min(one, wanted[j]), max(nought, wanted[j] - one)
        usual += row[j] * o
        beyond += row[j] * f
        other_usual += other[j] * o
        other_beyond += other[j] * f
    return usual, beyond, other_usual, other_beyond


@jit
def demand_ordinary(p: int, Z: Array, wanted: Array, C: Array, E: Array, own: Array) -> None:
    """Contract and excess orders of an ordinary product, two sellers at once."""
    S, R = Z.shape[0], Z.shape[1]
    for r in range(0, R, 2):
        s = min(r + 1, R - 1)
        i, j = r * S + p, s * S + p
        C[i], E[i], C[j], E[j] = dot_rows(Z[p, r], Z[p, s], wanted)
        own[i], own[j] = Z[p, r, i] * min(1.0, wanted[i]), Z[p, s, j] * min(1.0, wanted[j])


@jit
def cell_orders(usual: float, extra: float, share: float, moving: float) -> tuple[float, float]:
    """Contract and excess orders of a throttled cell, relative to its normal sales.

    usual, extra: orders of the buyer by normal sales; share: part of them not yet moved elsewhere; moving:
    share of normal sales that may move. Deliveries under contract stop there; who is throttled is asked
    for no more.
    """
    if moving < 1.0:
        return min(moving, share * usual), 0.0
    order = share * (usual + extra)
    return min(1.0, order), max(0.0, order - 1.0)


@jit
def throttled_row(
    p: int, leg: int, start: Ints, row: Array, k: Array, moves: Array, o: Array, e: Array, g: float
) -> tuple[float, float]:
    """Contract and excess orders of a seller with throttled cells, cell by cell."""
    contract, excess = 0.0, 0.0
    for b in range(k.shape[1]):
        share, moving = k[leg, b], moves[leg, b]
        for q in range(start[p, b], start[p, b + 1]):
            c, x = cell_orders(o[q], e[q] * g, share, moving)
            contract += c * row[q]
            excess += x * row[q]
    return contract, excess


@jit
def demand_for(
    p: int, width: int, Z: Array, planes: Array, start: Ints, place: Ints, leg_of: Ints, k: Array,
    moves: Array, g: Array, excess: Ints, C: Array, E: Array, own: Array,
) -> None:  # fmt: skip
    """Contract orders C and excess orders E of product p that each seller can deliver; its own part of C."""
    S, R = Z.shape[0], Z.shape[1]
    o, e = planes[p, USUAL, :width], planes[p, SPARE, :width]
    for r in range(R):
        i, q, row = r * S + p, place[p, r], Z[p, r, :width]
        leg = leg_of[i]
        own[i] = row[q] * o[q] if q >= 0 else 0.0
        if leg >= 0:
            C[i], E[i] = throttled_row(p, leg, start, row, k, moves, o, e, g[i])
            if q >= 0:
                own[i] = row[q] * cell_orders(o[q], e[q] * g[i], k[leg, r], moves[leg, r])[0]
        elif excess[p] > 0 and g[i] > 0.0:
            C[i], other = dot_two(row, o, e)
            E[i] = g[i] * other
        else:
            C[i], E[i] = dot(row, o), 0.0


@jit
def add_row(row: Array, weight: float, total: Array) -> None:
    """Add a row times its weight."""
    for j in range(total.size):
        total[j] += weight * row[j]


@jit
def add_orders(row: Array, orders: Array, weight: float, total: Array) -> None:
    """Add orders by cell times a weight."""
    for j in range(total.size):
        total[j] += weight * row[j] * orders[j]


@jit
def add_two(
    row: Array, other: Array, wanted: Array, a: float, b: float, c: float, d: float, lost: Array
) -> None:
    """Add what two sellers of an ordinary product leave unserved of usual orders and of those beyond them.

    Their shares unserved are a, b and c, d.
    """
    one, nought = lost.dtype.type(1), lost.dtype.type(0)
    for j in range(lost.size):
        o, f = min(one, wanted[j]), max(nought, wanted[j] - one)
        lost[j] += row[j] * (a * o + b * f) + other[j] * (c * o + d * f)


@jit
def deliver_ordinary(
    p: int, Z: Array, plane: Array, fC: Array, fE: Array, f_own: Array, lost: Array, inflow: Array
) -> None:
    """Deliveries of an ordinary product to every buyer, relative to the normal purchase.

    A seller that serves all it is asked for needs no second read.
    """
    S, R = Z.shape[0], Z.shape[1]
    one, nought = lost.dtype.type(1), lost.dtype.type(0)
    wanted, inverse = plane[WANTED], plane[INVERSE]
    some, waits = False, -1
    for r in range(R + 1):
        i = r * S + p
        if r < R and fC[i] == one and fE[i] == one and f_own[i] == one:
            continue
        if r == R and waits < 0:
            continue
        if not some:
            some = True
            for j in range(lost.size):
                lost[j] = nought
        if r < R:
            lost[i] -= (f_own[i] - fC[i]) * Z[p, r, i] * min(one, wanted[i])
        if waits < 0:
            waits = r
            continue
        n = waits * S + p
        if r < R:
            add_two(Z[p, waits], Z[p, r], wanted, one - fC[n], one - fE[n], one - fC[i], one - fE[i], lost)
        else:
            add_two(Z[p, waits], Z[p, waits], wanted, one - fC[n], one - fE[n], nought, nought, lost)
        waits = -1
    if some:
        for j in range(lost.size):
            inflow[j] = wanted[j] - lost[j] * inverse[j]
    else:
        for j in range(lost.size):
            inflow[j] = wanted[j]


@jit
def deliver_controlled(
    p: int, Z: Array, planes: Array, place: Ints, excess: Ints, g: Array, fC: Array, fE: Array, f_own: Array,
    lost: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of a controlled product to its buyers; no cell throttled."""
    S, R = Z.shape[0], Z.shape[1]
    width = lost.size
    o, e, inverse = planes[p, USUAL, :width], planes[p, SPARE, :width], planes[p, INVERSE]
    one, nought = lost.dtype.type(1), lost.dtype.type(0)
    for q in range(width):
        lost[q] = nought
    for r in range(R):
        i, q, row = r * S + p, place[p, r], Z[p, r, :width]
        if q >= 0:
            lost[q] -= (f_own[i] - fC[i]) * row[q] * o[q]
        if fC[i] < one:
            add_orders(row, o, one - fC[i], lost)
        if g[i] > nought and excess[p] > 0:
            # What these sellers serve of the excess asked of them comes on top.
            add_orders(row, e, -g[i] * fE[i], lost)
    for q in range(width):
        inflow[q] = o[q] - lost[q] * inverse[q]


@jit
def deliver_throttled(
    p: int, touched: Ints, Z: Array, planes: Array, column: Ints, start: Ints, g: Array, leg_of: Ints,
    k: Array, moves: Array, fC: Array, fE: Array, f_own: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of product p to the regions whose cells are throttled, cell by cell."""
    S, R = touched.shape
    o, e, inverse = planes[p, USUAL], planes[p, SPARE], planes[p, INVERSE]
    for b in range(R):
        if touched[p, b] == 0:
            continue
        for q in range(start[p, b], start[p, b + 1]):
            j = column[p, q]
            total = 0.0
            for r in range(R):
                i = r * S + p
                leg = leg_of[i]
                c, x = o[q], e[q] * g[i]
                if leg >= 0:
                    c, x = cell_orders(o[q], x, k[leg, b], moves[leg, b])
                served = f_own[i] if i == j else fC[i]
                total += Z[p, r, q] * (c * served + x * fE[i])
            inflow[q] = total * inverse[q]


@jit
def release_reserve(
    p: int, c: int, day: int, release: Array, reserve: Array, need: Array, bought: Array, start: Ints,
    inflow: Array,
) -> None:  # fmt: skip
    """State stock of product p handed out today pro rata to the shortfalls of a region's buyers."""
    for b in range(release.shape[1]):
        if day < release[c, b] or reserve[c, b] <= 0.0:
            continue
        missing = 0.0
        for q in range(start[p, b], start[p, b + 1]):
            missing += max(0.0, need[q] - inflow[q]) * bought[q]
        if missing > 0.0:
            out = min(reserve[c, b], missing)
            reserve[c, b] -= out
            for q in range(start[p, b], start[p, b + 1]):
                inflow[q] += max(0.0, need[q] - inflow[q]) * (out / missing)


@jit
def caps(p: float, binding: Array, L1: Array, L2: Array, cap: Array, wish: Array) -> None:
    """Limits of use and of orders: buyers whose binding input is p use it to the full and order up to L2."""
    one = cap.dtype.type(1)
    for j in range(cap.size):
        low, binds = L1[j], binding[j]
        cap[j] = one if binds == p else low
    for j in range(wish.size):
        low, second, binds = L1[j], L2[j], binding[j]
        wish[j] = second if binds == p else low


@jit
def packed_caps(
    p: int, count: int, column: Ints, binding: Array, L1: Array, L2: Array, cap: Array, wish: Array
) -> None:
    """The same by column of a controlled product."""
    for q in range(count):
        j = column[p, q]
        cap[q], wish[q] = L1[j], L1[j]
        if binding[j] == p:
            cap[q], wish[q] = 1.0, L2[j]


@jit
def use_row(
    stock: Array, scale: Array, need: Array, inverse_need: Array, inflow: Array, cap: Array, used: Array
) -> None:
    """Use of an input and the stock it leaves."""
    nought = used.dtype.type(0)
    for j in range(used.size):
        used[j] = need[j] * min(cap[j], stock[j] * scale[j] * inverse_need[j])
    for j in range(used.size):
        stock[j] = max(nought, stock[j] + inflow[j] - used[j])


@jit
def mean_stock(first: int, last: int, stocks: Array, held: Array) -> None:
    """Mean stock of each buyer over the classes, in days."""
    for q in range(held.size):
        held[q] = stocks[first, q]
    for row in range(first + 1, last):
        add_row(stocks[row, : held.size], held.dtype.type(1), held)
    share = held.dtype.type(1) / held.dtype.type(last - first)
    for q in range(held.size):
        held[q] *= share


@jit
def wanted_orders(plane: Array, need: Array, wish: Array, held: Array, wanted: Array) -> None:
    """Orders of an input wanted for tomorrow, relative to the normal purchase: use plus stock gap."""
    nought = wanted.dtype.type(0)
    goal, upper, rate = plane[GOAL], plane[UPPER], plane[RATE]
    for j in range(wanted.size):
        gap = max(nought, goal[j] - held[j]) + min(nought, upper[j] - held[j])
        wanted[j] = max(nought, need[j] * wish[j] + gap * rate[j])


@jit
def wanted_services(share: float, level: Array, L1: Array, wanted: Array) -> None:
    """Services cannot be stored: orders follow today's output, by the share of a fall that they follow."""
    one = wanted.dtype.type(1)
    for j in range(wanted.size):
        wanted[j] = one + share * (level[j] * L1[j] - one)


@jit
def keep_least(held: Array, margin: Array) -> None:
    """Keep the least mean stock of each buyer of a controlled product, in days."""
    for q in range(held.size):
        margin[q] = min(margin[q], held[q])


@jit
def usual_orders(
    p: int, width: int, Z: Array, planes: Array, touched: Ints, start: Ints, leg_of: Ints, k: Array,
    usual: Array,
) -> None:  # fmt: skip
    """Usual orders of product p that buyers still place with their sellers, relative to normal."""
    S, R = touched.shape
    for q in range(width):
        usual[q] = 1.0
    for b in range(R):
        if touched[p, b] == 0:
            continue
        for q in range(start[p, b], start[p, b + 1]):
            total = 0.0
            for r in range(R):
                leg = leg_of[r * S + p]
                total += Z[p, r, q] * (k[leg, b] if leg >= 0 else 1.0)
            usual[q] = total * planes[p, INVERSE, q]


@jit
def place_orders(
    p: int, Z: Array, planes: Array, start: Ints, leg_of: Ints, k: Array, moves: Array, g: Array,
    wanted: Array, usual: Array, weight: Array, excess: Ints,
) -> None:  # fmt: skip
    """Split the wanted orders of product p into usual ones and the excess asked of sellers with spare output.

    Throttled cells are asked for no excess. Where no seller has spare output there is none. excess: whether
    any buyer of the product asks for some.
    """
    S, R, width = Z.shape[0], Z.shape[1], wanted.size
    for q in range(width):
        weight[q] = 0.0
    for r in range(R):
        i = r * S + p
        leg = leg_of[i]
        if g[i] <= 0.0:
            continue
        if leg < 0:
            add_row(Z[p, r, :width], g[i], weight)
            continue
        for b in range(R):
            if moves[leg, b] < 1.0:
                continue
            w = g[i] * k[leg, b]
            for q in range(start[p, b], start[p, b + 1]):
                weight[q] += w * Z[p, r, q]
    o, e, bought = planes[p, USUAL], planes[p, SPARE], planes[p, B]
    excess[p] = 0
    for q in range(start[p, R]):
        u, w = usual[q], wanted[q]
        o[q], e[q] = min(w, u) / max(u, TINY), 0.0
        if w > u and weight[q] > 0.0:
            e[q] = (w - u) * bought[q] / weight[q]
            excess[p] = 1
