"""The shortage model of one draw, compiled: the same equations as shortage_plain.py, in one read of Z a day.

How it differs from the readable twin, and why the results agree to rounding:

* Orders factorise: O_ij = Z_ij k_ij (o_pj + e_pj g_i + f_pj), so the order matrix is never stored. o is the
  share of usual orders, e the excess asked of sellers with spare output g, f the excess asked of all usual
  sellers where none has any. Only throttled cells have k != 1; their rows and columns are worked out cell by
  cell.
* Stocks, needs and orders of (p, j) are kept relative to the normal purchase B_pj = sum_r Z_(r,p)j.
* A delivery share of exactly one leaves In_pj = o_pj B_pj; only rows that fall short are read a second time.
* A product whose usual orders are all exactly one needs no read at all: its row sums are the normal ones.

Every function is compiled without the global lock, so draws run in threads. Arrays are passed one by one:
bundles of arrays would compile ten times as slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from .shortage_plain import SHORT, Array, Ints, ShortageInput, ShortagePath

if TYPE_CHECKING:
    from collections.abc import Callable

# Helpers are only called from compiled code: without their Python wrappers they compile in half the time.
INNER: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
TINY = 1e-300
LANES = 16
jit: Callable[..., Any] = njit(**INNER)


@njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)  # type: ignore[untyped-decorator]
def _dot(row: Array, weights: Array) -> float:
    """Sum of products, in vector lanes (the order of the sum is fixed by the compiled code)."""
    total = 0.0
    for j in range(row.size):
        total += row[j] * weights[j]
    return total


@jit
def _normal(o: Array, p: int, N: int) -> bool:
    """Whether every buyer places exactly its usual orders of product p."""
    off = 0
    for j in range(N):
        off += o[p, j] != 1.0
    return off == 0


@jit
def _throttled_row(
    p: int, r: int, leg: int, S: int, Z: Array, k: Array, moves: Array, o: Array, e: Array, f: Array, g: float
) -> tuple[float, float]:
    """Contract and excess orders of a seller with throttled cells, cell by cell."""
    contract, excess = 0.0, 0.0
    for b in range(k.shape[1]):
        share, moving = k[leg, b], moves[leg, b]
        for n in range(S):
            j = b * S + n
            order = share * (o[p, j] + e[p, j] * g + f[p, j])
            c = order if order < 1.0 else 1.0
            contract += moving * c * Z[p, r, j]
            excess += moving * (order - c) * Z[p, r, j]
    return contract, excess


@jit
def _demand(
    Z: Array, sums: Array, leg_of: Ints, k: Array, moves: Array, o: Array, e: Array, f: Array, g: Array,
    excess: Ints, C: Array, E: Array, own: Array,
) -> None:  # fmt: skip
    """Contract orders C and excess orders E that each seller can deliver today; its own part of C."""
    S, R, N = Z.shape[0], Z.shape[1], C.size
    for p in range(S):
        normal = _normal(o, p, N)
        for r in range(R):
            i = r * S + p
            leg = leg_of[i]
            own[i] = Z[p, r, i] * o[p, i]
            if leg >= 0:
                C[i], E[i] = _throttled_row(p, r, leg, S, Z, k, moves, o, e, f, g[i])
                order = k[leg, r] * (o[p, i] + e[p, i] * g[i] + f[p, i])
                own[i] = moves[leg, r] * Z[p, r, i] * (order if order < 1.0 else 1.0)
                continue
            C[i] = sums[i] if normal else _dot(Z[p, r], o[p])
            E[i] = 0.0
            if excess[p, 0] > 0 and g[i] > 0.0:
                E[i] += g[i] * _dot(Z[p, r], e[p])
            if excess[p, 1] > 0:
                E[i] += _dot(Z[p, r], f[p])


@jit
def _wish(C: Array, E: Array, final: Array, x: Array, spare: Array, x_opt: Array, level: Array) -> None:
    """Output wanted: demand within capacity; the same relative to normal output."""
    for i in range(x.size):
        demand, capacity = C[i] + final[i] + E[i], x[i] * (1.0 + spare[i])
        x_opt[i] = demand if demand < capacity else capacity
        level[i] = x_opt[i] / x[i] if x[i] > 0.0 else 1.0


@jit
def _thrift(
    day: int, ramp: float, memory: int, most: Array, lead: Array, last_short: Array, level: Array,
    controlled: Ints, need: Array, inverse_need: Array,
) -> None:  # fmt: skip
    """Need of each controlled input (row 0: of the others) relative to normal use, and its inverse.

    A buyer short within its memory saves a share that grows from its lead time on; day counts from the stop.
    """
    N, S = level.size, controlled.size
    for j in range(N):
        need[0, j] = level[j]
        inverse_need[0, j] = 1.0 / max(level[j], TINY)
    for c in range(most.shape[0]):
        for b in range(N // S):
            begun = (day - lead[c, b]) / ramp
            saved = most[c, b] * (0.0 if begun < 0.0 else (1.0 if begun > 1.0 else begun))
            for n in range(S):
                j = b * S + n
                use = 1.0 - saved if day - last_short[c, j] <= memory else 1.0
                need[c + 1, j] = level[j] * use
                inverse_need[c + 1, j] = inverse_need[0, j] / max(use, TINY)


@jit
def _limits(
    day: int, first: Ints, controlled: Ints, stock: Array, scale: Array, inverse_need: Array, phi: Array,
    h: Array, last_short: Array, L1: Array, L2: Array, binding: Ints,
) -> None:  # fmt: skip
    """The two lowest input limits and the binding input of each buyer; who is short today."""
    N = L1.size
    for j in range(N):
        L1[j], L2[j], binding[j] = 1.0, 1.0, 0
    for p in range(controlled.size):
        c, rows = controlled[p], first[p + 1] - first[p]
        if rows == 0:
            continue
        for j in range(N):
            h[j] = 0.0
        for row in range(first[p], first[p + 1]):
            for j in range(N):
                one = stock[row, j] * scale[row, j] * inverse_need[c + 1, j]
                h[j] += one if one < 1.0 else 1.0
        mean = 1.0 * rows
        if c >= 0:
            for j in range(N):
                last_short[c, j] = day if h[j] / mean < SHORT else last_short[c, j]
        for j in range(N):
            h[j] = 1.0 - phi[p, j] * (1.0 - h[j] / mean)
        for j in range(N):
            limit, low, second = h[j], L1[j], L2[j]
            binding[j] = p if limit < low else binding[j]
            L2[j] = low if limit < low else (limit if limit < second else second)
            L1[j] = limit if limit < low else low


@jit
def _share(amount: float, of: float) -> float:
    """Share of a demand that an amount serves; one where nothing is asked."""
    return min(1.0, max(amount, 0.0) / of) if of > 0.0 else 1.0


@jit
def _ration(
    rule: int, C: Array, E: Array, final: Array, own: Array, x_opt: Array, L1: Array,
    fC: Array, fE: Array, fF: Array, f_own: Array,
) -> None:  # fmt: skip
    """Shares of contract, excess, final and own orders that each seller serves today."""
    for i in range(C.size):
        demand, x = C[i] + final[i] + E[i], x_opt[i] * L1[i]
        fC[i], f_own[i], fF[i], fE[i] = 1.0, 1.0, 1.0, 1.0
        if x >= demand:
            continue
        if rule == 2:
            f = _share(x, demand)
            fC[i], f_own[i], fF[i], fE[i] = f, f, f, f
            continue
        if rule == 0:
            fC[i], fF[i] = _share(x, C[i]), _share(x - C[i], final[i])
            f_own[i] = fC[i]
        else:
            f_own[i] = _share(x, own[i])
            fC[i] = _share(x - own[i], C[i] + final[i] - own[i])
            fF[i] = fC[i]
        fE[i] = _share(x - C[i] - final[i], E[i])


@jit
def _deliver(
    first: Ints, Z: Array, inverse: Array, o: Array, e: Array, f: Array, g: Array, excess: Ints,
    fC: Array, fE: Array, f_own: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of each good to every buyer, relative to the normal purchase; no cell throttled."""
    S, R, N = Z.shape[0], Z.shape[1], fC.size
    for p in range(S):
        if first[p + 1] == first[p]:
            continue
        for j in range(N):
            inflow[p, j] = o[p, j]
        for r in range(R):
            i = r * S + p
            missing = 1.0 - fC[i]
            if missing > 0.0:
                for j in range(N):
                    inflow[p, j] -= missing * Z[p, r, j] * o[p, j] * inverse[p, j]
            if f_own[i] != fC[i]:
                inflow[p, i] += (f_own[i] - fC[i]) * Z[p, r, i] * o[p, i] * inverse[p, i]
        if excess[p, 0] + excess[p, 1] == 0:
            continue
        for j in range(N):
            inflow[p, j] += f[p, j]
        for r in range(R):
            i = r * S + p
            asked, missing = g[i] * fE[i], 1.0 - fE[i]
            if excess[p, 0] > 0 and asked > 0.0:
                for j in range(N):
                    inflow[p, j] += asked * Z[p, r, j] * e[p, j] * inverse[p, j]
            if excess[p, 1] > 0 and missing > 0.0:
                for j in range(N):
                    inflow[p, j] -= missing * Z[p, r, j] * f[p, j] * inverse[p, j]


@jit
def _deliver_throttled(
    touched: Ints, Z: Array, inverse: Array, o: Array, e: Array, f: Array, g: Array, leg_of: Ints,
    k: Array, moves: Array, fC: Array, fE: Array, f_own: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of throttled products to the regions concerned, cell by cell."""
    S, R = touched.shape
    for p in range(S):
        for j in range(S * R):
            b = j // S
            if touched[p, b] == 0:
                continue
            total = 0.0
            for r in range(R):
                i = r * S + p
                leg = leg_of[i]
                order, share = o[p, j] + e[p, j] * g[i] + f[p, j], 1.0
                if leg >= 0:
                    order, share = order * k[leg, b], moves[leg, b]
                c = order if order < 1.0 else 1.0
                served = f_own[i] if i == j else fC[i]
                total += share * Z[p, r, j] * (c * served + (order - c) * fE[i])
            inflow[p, j] = total * inverse[p, j]


@jit
def _release(
    day: int, controlled: Ints, release: Array, reserve: Array, need: Array, B: Array, inflow: Array
) -> None:
    """State stocks handed out today pro rata to the shortfalls of a region's buyers."""
    S = controlled.size
    for p in range(S):
        c = controlled[p]
        for b in range(release.shape[1]):
            if c < 0 or day < release[c, b] or reserve[c, b] <= 0.0:
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
def _top(p: int, binding: Ints, where: Array, elsewhere: Array, top: Array) -> None:
    """One limit for the buyers whose binding input is p, another for the rest, into top."""
    for j in range(top.size):
        top[j] = where[j] if binding[j] == p else elsewhere[j]


@jit
def _use(
    p: int, c: int, first: int, last: int, stock: Array, scale: Array, need: Array, inverse_need: Array,
    inflow: Array, top: Array, used: Array, held: Array,
) -> float:  # fmt: skip
    """Use of input p and the stocks it leaves; mean stock of each buyer, in days, into held.

    Loops are short because the compiler gives up on lanes when one loop touches too many arrays.
    """
    N = top.size
    for j in range(N):
        held[j] = 0.0
    for row in range(first, last):
        for j in range(N):
            h = stock[row, j] * scale[row, j] * inverse_need[c + 1, j]
            used[j] = need[c + 1, j] * (h if h < top[j] else top[j])
        for j in range(N):
            left = stock[row, j] + inflow[p, j] - used[j]
            left = left if left > 0.0 else 0.0
            stock[row, j] = left
            held[j] += left
    mean, least = 1.0 * (last - first), np.inf
    for j in range(N):
        held[j] /= mean
        least = held[j] if held[j] < least else least
    return least


@jit
def _want(p: int, c: int, rules: Array, need: Array, top: Array, held: Array, wanted: Array) -> None:
    """Orders of input p wanted for tomorrow, relative to the normal purchase: use plus stock gap."""
    for j in range(top.size):
        low, high = rules[p, 0, j], rules[p, 1, j]
        gap = low - held[j] if held[j] < low else (high - held[j] if held[j] > high else 0.0)
        w = need[c + 1, j] * top[j] + gap * rules[p, 2, j]
        wanted[j] = w if w > 0.0 else 0.0


@jit
def _usual(p: int, Z: Array, inverse: Array, touched: Ints, leg_of: Ints, k: Array, usual: Array) -> None:
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
def _order(
    p: int, Z: Array, B: Array, inverse: Array, leg_of: Ints, k: Array, g: Array, wanted: Array,
    usual: Array, weight: Array, o: Array, e: Array, f: Array, excess: Ints,
) -> None:  # fmt: skip
    """Split the wanted orders of product p into usual and excess ones, and count the latter.

    Excess goes to sellers with spare output, e; where none of the usual sellers has any, to all of them, f.
    """
    S, R, N = Z.shape[0], Z.shape[1], wanted.size
    beyond = 0
    for j in range(N):
        u, w = usual[j], wanted[j]
        within = (w if w < u else u) / max(u, TINY)
        o[p, j] = within if inverse[p, j] > 0.0 else 1.0
        beyond += w > u
    if beyond + excess[p, 0] + excess[p, 1] == 0:
        return
    for j in range(N):
        weight[j] = 0.0
    for r in range(R):
        i = r * S + p
        leg = leg_of[i]
        if g[i] > 0.0:
            for j in range(N):
                weight[j] += g[i] * Z[p, r, j] * (k[leg, j // S] if leg >= 0 else 1.0)
    spare, all_usual = 0, 0
    for j in range(N):
        more = max(0.0, wanted[j] - usual[j]) if inverse[p, j] > 0.0 else 0.0
        e[p, j] = more * B[p, j] / weight[j] if weight[j] > 0.0 else 0.0
        f[p, j] = more / usual[j] if weight[j] <= 0.0 and usual[j] > 0.0 else 0.0
        spare += e[p, j] > 0.0
        all_usual += f[p, j] > 0.0
    excess[p, 0], excess[p, 1] = spare, all_usual


@jit
def _record(
    day: int, level: Array, L1: Array, fF: Array, binding: Ints, output: Array, served: Array, direct: Array,
    by: Array,
) -> None:  # fmt: skip
    """Add the day to what the run gives."""
    for j in range(level.size):
        output[day, j] = level[j] * L1[j]
        served[j] += fF[j]
        if L1[j] < 1.0:
            lost = level[j] * (1.0 - L1[j])
            direct[j] += lost
            by[binding[j], j] += lost


@jit
def _spare(day: float, spare: Array, ramp: Array, g: Array) -> None:
    """Output that sellers can add, as a share of normal output; day counts from the stop."""
    for i in range(g.size):
        g[i] = spare[i] * min(1.0, max(0.0, day / ramp[i]))


@jit
def _restock(
    first: Ints, controlled: Ints, stock: Array, scale: Array, need: Array, inverse_need: Array, inflow: Array,
    L1: Array, L2: Array, binding: Ints, rules: Array, touched: Ints, Z: Array, B: Array, inverse: Array,
    leg_of: Ints, k: Array, g: Array, o: Array, e: Array, f: Array, excess: Ints, ones: Array, top: Array,
    held: Array, usual: Array, wanted: Array, margin: Array,
) -> float:  # fmt: skip
    """Use, stocks and orders for tomorrow, product by product. Returns the lowest mean stock, in days."""
    least = np.inf
    for p in range(controlled.size):
        c, goods = controlled[p], first[p + 1] > first[p]
        if goods:
            _top(p, binding, ones, L1, top)
            low = _use(
                p, c, first[p], first[p + 1], stock, scale, need, inverse_need, inflow, top, wanted, held
            )
            least = low if low < least else least
            _top(p, binding, L2, L1, top)
            _want(p, c, rules, need, top, held, wanted)
        else:
            for j in range(held.size):
                wanted[j] = need[0, j] * L1[j]
        if c >= 0:
            for j in range(held.size):
                low = margin[c, j]
                margin[c, j] = held[j] if held[j] < low else low
        _usual(p, Z, inverse, touched, leg_of, k, usual)
        _order(p, Z, B, inverse, leg_of, k, g, wanted, usual, top, o, e, f, excess)
    return least


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _run(
    Z: Array, final: Array, spare: Array, ramp: Array, phi: Array, first: Ints, controlled: Ints,
    rules: Array, stock: Array, scale: Array, kept: Array, resource: Array, thrift: Array,
    reserve: Array, scalars: Ints, thrift_ramp: float, node: Array, need: Array, inverse_need: Array,
    B: Array, inverse: Array, o: Array, e: Array, f: Array, inflow: Array,
    excess: Ints, touched: Ints, leg_of: Ints, k: Array, last_short: Array, binding: Ints,
    output: Array, direct: Array, served: Array, by: Array, margin: Array,
) -> float:  # fmt: skip
    """All days of a draw. Returns the lowest mean stock seen, in days."""
    stop, days, rule, memory = scalars[0], scalars[1], scalars[2], scalars[3]
    S, R = touched.shape
    x, sums, C, E, own, x_opt, level = node[0], node[1], node[2], node[3], node[4], node[5], node[6]
    L1, L2, h, g, capacity = node[7], node[8], node[9], node[10], node[11]
    fC, fE, fF, f_own = node[12], node[13], node[14], node[15]
    held, usual, wanted, ones, top = node[16], node[17], node[18], node[19], node[20]
    least = np.inf
    for i in range(S * R):
        sums[i] = _dot(Z[i % S, i // S], o[0])
        x[i] = sums[i] + final[i]
        ones[i] = 1.0
    for day in range(days):
        moves = kept[day]
        _spare(day - stop, spare, ramp, capacity)
        _demand(Z, sums, leg_of, k, moves, o, e, f, g, excess, C, E, own)
        _wish(C, E, final, x, capacity, x_opt, level)
        _thrift(
            day - stop, thrift_ramp, memory, thrift[0], thrift[1], last_short, level, controlled, need,
            inverse_need,
        )  # fmt: skip
        _limits(
            day - stop, first, controlled, stock, scale, inverse_need, phi, h, last_short, L1, L2, binding
        )
        _ration(rule, C, E, final, own, x_opt, L1, fC, fE, fF, f_own)
        _record(day, level, L1, fF, binding, output, served, direct, by)
        _deliver(first, Z, inverse, o, e, f, g, excess, fC, fE, f_own, inflow)
        _deliver_throttled(touched, Z, inverse, o, e, f, g, leg_of, k, moves, fC, fE, f_own, inflow)
        _release(day - stop, controlled, thrift[2], reserve, need, B, inflow)
        # Today is settled: orders leave throttled cells, and tomorrow's spare output is known.
        _spare(day + 1 - stop, spare, ramp, g)
        for leg in range(k.shape[0]):
            for b in range(R):
                k[leg, b] += (moves[leg, b] - k[leg, b]) / resource[leg, b]
        low = _restock(
            first, controlled, stock, scale, need, inverse_need, inflow, L1, L2, binding, rules, touched, Z, B,
            inverse, leg_of, k, g, o, e, f, excess, ones, top, held,
            usual, wanted, margin,
        )  # fmt: skip
        least = low if low < least else least
    return least


def _table(d: ShortageInput) -> tuple[Array, Array, Array]:
    """Z as (product, region of seller, buyer), rows padded with noughts to whole vector lanes; B; 1 / B."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    Z = np.zeros((S, R, -(-N // LANES) * LANES))
    Z[:, :, :N] = d.Z.reshape(R, S, N).transpose(1, 0, 2)
    B = Z.sum(axis=1)
    return Z, B, np.divide(1.0, B, out=np.zeros_like(B), where=B > 0)


def _legs(d: ShortageInput) -> tuple[Ints, Ints]:
    """Whether product p is throttled for buyers in region b, (S, R); the leg of each node or -1, (N,)."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    touched, leg_of = np.zeros((S, R), dtype=np.int64), np.full(N, -1, dtype=np.int64)
    for leg, i in enumerate(d.leg_node):
        leg_of[i] = leg
        touched[i % S] |= d.kept[leg].min(axis=1) < 1.0
    return touched, leg_of


def shortage(d: ShortageInput) -> ShortagePath:
    """Run one draw for d.days days; the compiled twin of `shortage_plain`, releasing the global lock."""
    S, N, (K, R) = d.controlled.size, d.final.size, d.state.shape
    Z, B, inverse = _table(d)
    touched, leg_of = _legs(d)
    by_buyer = np.repeat(np.arange(R), S)
    reserve = d.state * B[d.controlled >= 0, :N].reshape(K, R, S).sum(axis=2)
    path = ShortagePath(
        output=np.empty((d.days, N)),
        direct=np.zeros(N),
        served=np.zeros(N),
        binding=np.zeros((S, N)),
        margin=np.full((K, N), np.inf),
        least_stock=0.0,
    )
    least = _run(
        Z,
        *(np.array(a) for a in (d.final, d.spare, d.ramp, d.phi, d.first, d.controlled)),
        np.stack([d.goal, d.goal + d.extra, 1.0 / d.restock], axis=1)[:, :, by_buyer],
        d.cover[:, by_buyer],
        1.0 / d.working[:, by_buyer],
        np.ascontiguousarray(np.moveaxis(d.kept, 2, 0)),
        np.array(d.resource),
        np.stack([d.beta_max, d.beta_lead, d.release]),
        reserve,
        np.array([d.stop, d.days, d.rule, d.thrift_memory]),
        float(d.thrift_ramp),
        np.zeros((21, N)),
        np.ones((K + 1, N)),
        np.ones((K + 1, N)),
        B,
        inverse,
        np.ones_like(B),
        np.zeros_like(B),
        np.zeros_like(B),
        np.zeros_like(B),
        np.zeros((S, 2), dtype=np.int64),
        touched,
        leg_of,
        np.ones(d.resource.shape),
        np.full((K, N), -np.inf),
        np.zeros(N, dtype=np.int64),
        path.output,
        path.direct,
        path.served,
        path.binding,
        path.margin,
    )
    margin = np.where(B[d.controlled >= 0, :N] > 0, path.margin, np.nan)
    return path._replace(margin=margin, least_stock=float(least) if d.first[-1] else 0.0)
