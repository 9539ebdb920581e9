"""Steps of the compiled shortage kernel: demand, deliveries, stocks and orders of one product at a time.

Equations and symbols: shortage_plain.py; how the arrays are kept: shortage.py.
"""

from __future__ import annotations

from numba import njit

from .shortage_make import INNER, TINY, jit
from .shortage_plain import Array, Ints


@njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)  # type: ignore[untyped-decorator]
def dot(row: Array, a: Array, b: Array) -> tuple[float, float]:
    """Sums of products with two weights in one read (the order of the sums is fixed by the compiled code)."""
    first, second = 0.0, 0.0
    for j in range(row.size):
        first += row[j] * a[j]
        second += row[j] * b[j]
    return first, second


@jit
def throttled_row(
    leg: int, S: int, Z: Array, k: Array, moves: Array, o: Array, e: Array, f: Array, g: float
) -> tuple[float, float]:
    """Contract and excess orders of a seller with throttled cells, cell by cell."""
    contract, excess = 0.0, 0.0
    for b in range(k.shape[1]):
        share, moving = k[leg, b], moves[leg, b]
        for n in range(S):
            j = b * S + n
            order = share * (o[j] + e[j] * g + f[j])
            c = min(1.0, order)
            contract += moving * c * Z[j]
            excess += moving * (order - c) * Z[j]
    return contract, excess


@jit
def demand_for(
    p: int, Z: Array, sums: Array, leg_of: Ints, k: Array, moves: Array, orders: Array, g: Array,
    excess: Ints, C: Array, E: Array, own: Array,
) -> None:  # fmt: skip
    """Contract orders C and excess orders E of product p that each seller can deliver; its own part of C."""
    S, R, N = Z.shape[0], Z.shape[1], C.size
    o, e, f = orders[0, p], orders[2, p], orders[1, p]
    off = 0
    for j in range(N):
        off += o[j] != 1.0
    for r in range(R):
        i = r * S + p
        leg = leg_of[i]
        if leg >= 0:
            C[i], E[i] = throttled_row(leg, S, Z[p, r], k, moves, o, e, f, g[i])
            order = k[leg, r] * (o[i] + e[i] * g[i] + f[i])
            own[i] = moves[leg, r] * Z[p, r, i] * min(1.0, order)
            continue
        own[i] = Z[p, r, i] * o[i]
        C[i], E[i] = sums[i], 0.0
        if off + excess[p, 1] > 0:
            C[i], E[i] = dot(Z[p, r], o, f)
        if excess[p, 0] > 0 and g[i] > 0.0:
            E[i] += g[i] * dot(Z[p, r], e, e)[0]


@jit
def deliver(
    p: int, Z: Array, inverse: Array, orders: Array, excess: Ints, weights: Array, f_own: Array,
    total: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of product p to every buyer, relative to the normal purchase; no cell throttled.

    weights (3, N): what each seller leaves unserved of usual orders and of excess f, negative, and what it
    serves of excess e. A seller that serves all it is asked for needs no second read.
    """
    S, R, N = Z.shape[0], Z.shape[1], total.size
    for j in range(N):
        inflow[p, j] = orders[0, p, j] + orders[1, p, j]
    for kind in range(3):
        if (kind == 1 and excess[p, 1] == 0) or (kind == 2 and excess[p, 0] == 0):
            continue
        some = 0
        for r in range(R):
            w = weights[kind, r * S + p]
            if w == 0.0:
                continue
            for j in range(N):
                before = total[j] if some > 0 else 0.0
                total[j] = before + w * Z[p, r, j]
            some += 1
        if some > 0:
            for j in range(N):
                inflow[p, j] += orders[kind, p, j] * total[j] * inverse[p, j]
    for r in range(R):
        i = r * S + p
        own = f_own[i] - (1.0 + weights[0, i])
        inflow[p, i] += own * Z[p, r, i] * orders[0, p, i] * inverse[p, i]


@jit
def deliver_throttled(
    p: int, touched: Ints, Z: Array, inverse: Array, orders: Array, g: Array, leg_of: Ints, k: Array,
    moves: Array, fC: Array, fE: Array, f_own: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of product p to the regions whose cells are throttled, cell by cell."""
    S, R = touched.shape
    for b in range(R):
        if touched[p, b] == 0:
            continue
        for n in range(S):
            j = b * S + n
            total = 0.0
            for r in range(R):
                i = r * S + p
                leg = leg_of[i]
                order, share = orders[0, p, j] + orders[2, p, j] * g[i] + orders[1, p, j], 1.0
                if leg >= 0:
                    order, share = order * k[leg, b], moves[leg, b]
                c = min(1.0, order)
                served = f_own[i] if i == j else fC[i]
                total += share * Z[p, r, j] * (c * served + (order - c) * fE[i])
            inflow[p, j] = total * inverse[p, j]


@jit
def release_reserve(
    p: int, c: int, day: int, release: Array, reserve: Array, need: Array, B: Array, inflow: Array
) -> None:
    """State stock of product p handed out today pro rata to the shortfalls of a region's buyers."""
    S = B.shape[0]
    for b in range(release.shape[1]):
        if day < release[c, b] or reserve[c, b] <= 0.0:
            continue
        missing = 0.0
        for n in range(S):
            j = b * S + n
            missing += max(0.0, need[c + 1, j] - inflow[p, j]) * B[p, j]
        if missing > 0.0:
            out = min(reserve[c, b], missing)
            reserve[c, b] -= out
            for n in range(S):
                j = b * S + n
                inflow[p, j] += max(0.0, need[c + 1, j] - inflow[p, j]) * (out / missing)


@jit
def use_stock(
    p: int, c: int, first: int, last: int, stock: Array, scale: Array, need: Array, inverse_need: Array,
    inflow: Array, top: Array, used: Array, held: Array,
) -> None:  # fmt: skip
    """Use of input p and the stocks it leaves; mean stock of each buyer, in days, into held.

    Loops are short because the compiler gives up on lanes when one loop touches too many arrays.
    """
    N = top.size
    for j in range(N):
        held[j] = 0.0
    for row in range(first, last):
        for j in range(N):
            h = stock[row, j] * scale[row, j] * inverse_need[c + 1, j]
            used[j] = need[c + 1, j] * (min(top[j], h))
        for j in range(N):
            left = stock[row, j] + inflow[p, j] - used[j]
            left = max(0.0, left)
            stock[row, j] = left
            held[j] += left
    mean = 1.0 * (last - first)
    for j in range(N):
        held[j] /= mean


@jit
def wanted_orders(p: int, c: int, rules: Array, need: Array, top: Array, held: Array, wanted: Array) -> None:
    """Orders of input p wanted for tomorrow, relative to the normal purchase: use plus stock gap."""
    for j in range(top.size):
        have = held[j]
        gap = max(0.0, rules[p, 0, j] - have) + min(0.0, rules[p, 1, j] - have)
        w = need[c + 1, j] * top[j] + gap * rules[p, 2, j]
        wanted[j] = max(0.0, w)


@jit
def wanted_services(need: Array, L1: Array, wanted: Array) -> None:
    """Services cannot be stored: what is wanted tomorrow is what is used today."""
    for j in range(L1.size):
        wanted[j] = need[0, j] * L1[j]


@jit
def least_cover(c: int, held: Array, margin: Array) -> None:
    """Keep the least mean stock of each buyer of a controlled product, in days."""
    for j in range(held.size):
        margin[c, j] = min(margin[c, j], held[j])


@jit
def leave_throttled(k: Array, moves: Array, resource: Array, k_next: Array) -> None:
    """Usual orders leave cells through which less moves, and return to them, at the rate of re-sourcing."""
    for leg in range(k.shape[0]):
        for b in range(k.shape[1]):
            k_next[leg, b] = k[leg, b] + (moves[leg, b] - k[leg, b]) / resource[leg, b]


@jit
def turn_day(g: Array, g_next: Array, k: Array, k_next: Array) -> None:
    """What was tomorrow's is today's."""
    for i in range(g.size):
        g[i] = g_next[i]
    for leg in range(k.shape[0]):
        for b in range(k.shape[1]):
            k[leg, b] = k_next[leg, b]


@jit
def usual_orders(
    p: int, Z: Array, inverse: Array, touched: Ints, leg_of: Ints, k: Array, usual: Array
) -> None:
    """Usual orders of product p that buyers still place with their sellers, relative to normal."""
    S, R = touched.shape
    for b in range(R):
        if touched[p, b] == 0:
            for n in range(S):
                usual[b * S + n] = 1.0
            continue
        for n in range(S):
            j = b * S + n
            total = 0.0
            for r in range(R):
                leg = leg_of[r * S + p]
                total += Z[p, r, j] * (k[leg, b] if leg >= 0 else 1.0)
            usual[j] = total * inverse[p, j]


@jit
def place_plain_orders(p: int, inverse: Array, wanted: Array, orders: Array, excess: Ints) -> None:
    """Split the wanted orders of a product that nobody throttles and no seller has to spare."""
    beyond = 0
    for j in range(wanted.size):
        w = wanted[j] if inverse[p, j] > 0.0 else 1.0
        orders[0, p, j] = min(1.0, w)
        orders[1, p, j] = max(0.0, w - 1.0)
        beyond += w > 1.0
    excess[p, 1] = beyond


@jit
def place_orders(
    p: int, Z: Array, B: Array, inverse: Array, leg_of: Ints, k: Array, g: Array, wanted: Array,
    usual: Array, weight: Array, orders: Array, excess: Ints,
) -> None:  # fmt: skip
    """Split the wanted orders of product p into usual and excess ones, and count the latter.

    Excess goes to sellers with spare output, e; where none of the usual sellers has any, to all of them, f.
    """
    S, R, N = Z.shape[0], Z.shape[1], wanted.size
    for j in range(N):
        weight[j] = 0.0
    for r in range(R):
        i = r * S + p
        leg = leg_of[i]
        if g[i] <= 0.0:
            continue
        for b in range(R):
            w = g[i] * (k[leg, b] if leg >= 0 else 1.0)
            for n in range(S):
                weight[b * S + n] += w * Z[p, r, b * S + n]
    spare, all_usual = 0, 0
    for j in range(N):
        u, w = usual[j], wanted[j]
        within, more = min(w, u) / max(u, TINY), max(0.0, w - u)
        orders[0, p, j], orders[2, p, j], orders[1, p, j] = 1.0, 0.0, 0.0
        if inverse[p, j] > 0.0:
            orders[0, p, j] = within
            if weight[j] > 0.0:
                orders[2, p, j] = more * B[p, j] / weight[j]
            elif u > 0.0:
                orders[1, p, j] = more / u
        spare += orders[2, p, j] > 0.0
        all_usual += orders[1, p, j] > 0.0
    excess[p, 0], excess[p, 1] = spare, all_usual
