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
def _dot(row: Array, a: Array, b: Array) -> tuple[float, float]:
    """Sums of products with two weights in one read (the order of the sums is fixed by the compiled code)."""
    first, second = 0.0, 0.0
    for j in range(row.size):
        first += row[j] * a[j]
        second += row[j] * b[j]
    return first, second


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
            c = min(1.0, order)
            contract += moving * c * Z[p, r, j]
            excess += moving * (order - c) * Z[p, r, j]
    return contract, excess


@jit
def _demand(
    p: int, Z: Array, leg_of: Ints, k: Array, moves: Array, o: Array, e: Array, f: Array, g: Array,
    excess: Ints, C: Array, E: Array, own: Array,
) -> None:  # fmt: skip
    """Contract orders C and excess orders E of product p that each seller can deliver; its own part of C."""
    S, R = Z.shape[0], Z.shape[1]
    for r in range(R):
        i = r * S + p
        leg = leg_of[i]
        own[i] = Z[p, r, i] * o[p, i]
        if leg >= 0:
            C[i], E[i] = _throttled_row(p, r, leg, S, Z, k, moves, o, e, f, g[i])
            order = k[leg, r] * (o[p, i] + e[p, i] * g[i] + f[p, i])
            own[i] = moves[leg, r] * Z[p, r, i] * min(1.0, order)
            continue
        C[i], E[i] = _dot(Z[p, r], o[p], f[p])
        if excess[p, 0] > 0 and g[i] > 0.0:
            E[i] += g[i] * _dot(Z[p, r], e[p], e[p])[0]


@jit
def _wish(C: Array, E: Array, final: Array, x: Array, spare: Array, x_opt: Array, level: Array) -> None:
    """Output wanted: demand within capacity; the same relative to normal output."""
    for i in range(x.size):
        demand, capacity = C[i] + final[i] + E[i], x[i] * (1.0 + spare[i])
        x_opt[i] = min(capacity, demand)
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
            saved = most[c, b] * (0.0 if begun < 0.0 else (min(begun, 1.0)))
            for n in range(S):
                j = b * S + n
                use = 1.0 - saved if day - last_short[c, j] <= memory else 1.0
                need[c + 1, j] = level[j] * use
                inverse_need[c + 1, j] = inverse_need[0, j] / max(use, TINY)


@jit
def _limits(
    day: int, first: Ints, controlled: Ints, stock: Array, scale: Array, inverse_need: Array, phi: Array,
    h: Array, last_short: Array, L1: Array, L2: Array, binding: Array,
) -> None:  # fmt: skip
    """The two lowest input limits and the binding input of each buyer; who is short today."""
    N = L1.size
    for j in range(N):
        L1[j], L2[j], binding[j] = 1.0, 1.0, 0.0
    for p in range(controlled.size):
        c, rows = controlled[p], first[p + 1] - first[p]
        if rows == 0:
            continue
        for j in range(N):
            h[j] = 0.0
        for row in range(first[p], first[p + 1]):
            for j in range(N):
                h[j] += min(1.0, stock[row, j] * scale[row, j] * inverse_need[c + 1, j])
        mean = 1.0 * rows
        if c >= 0:
            for j in range(N):
                before = last_short[c, j]
                last_short[c, j] = day if h[j] / mean < SHORT else before
        for j in range(N):
            h[j] = 1.0 - phi[p, j] * (1.0 - h[j] / mean)
        for j in range(N):
            limit, low, second, before = h[j], L1[j], L2[j], binding[j]
            binding[j] = p if limit < low else before
            L2[j] = low if limit < low else min(second, limit)
            L1[j] = min(low, limit)


@jit
def _limited(L1: Array, cap: Array, wish: Array, who: Ints) -> None:
    """List the buyers whose output is limited, who[0] of them; their limit bounds use and orders alike."""
    who[0] = 0
    for j in range(L1.size):
        cap[j], wish[j] = L1[j], L1[j]
        if L1[j] < 1.0:
            who[0] += 1
            who[who[0]] = j


@jit
def _lift(p: int, up: bool, who: Ints, binding: Array, L1: Array, L2: Array, cap: Array, wish: Array) -> None:
    """Buyers whose binding input is p use it to the full and order up to their second limit; or back."""
    for n in range(1, who[0] + 1):
        j = who[n]
        if binding[j] == p:
            cap[j] = 1.0 if up else L1[j]
            wish[j] = L2[j] if up else L1[j]


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
def _gather(p: int, Z: Array, weight: Array, total: Array) -> bool:
    """Sum over sellers of weight times Z, by buyer, into total. False where all weights are nought."""
    S, R = Z.shape[0], Z.shape[1]
    some = False
    for r in range(R):
        w = weight[r * S + p]
        if w > 0.0:
            if not some:
                for j in range(total.size):
                    total[j] = 0.0
            some = True
            for j in range(total.size):
                total[j] += w * Z[p, r, j]
    return some


@jit
def _deliver(
    p: int, Z: Array, inverse: Array, o: Array, e: Array, f: Array, excess: Ints, not_C: Array, not_E: Array,
    spare_E: Array, f_own: Array, total: Array, inflow: Array,
) -> None:  # fmt: skip
    """Deliveries of product p to every buyer, relative to the normal purchase; no cell throttled.

    not_C, not_E: shares of contract and excess orders not served; spare_E: spare output times share served.
    """
    S, R, N = Z.shape[0], Z.shape[1], total.size
    for j in range(N):
        inflow[p, j] = o[p, j] + f[p, j]
    if _gather(p, Z, not_C, total):
        for j in range(N):
            inflow[p, j] -= o[p, j] * total[j] * inverse[p, j]
    for r in range(R):
        i = r * S + p
        own = f_own[i] - (1.0 - not_C[i])
        inflow[p, i] += own * Z[p, r, i] * o[p, i] * inverse[p, i]
    if excess[p, 1] > 0 and _gather(p, Z, not_E, total):
        for j in range(N):
            inflow[p, j] -= f[p, j] * total[j] * inverse[p, j]
    if excess[p, 0] > 0 and _gather(p, Z, spare_E, total):
        for j in range(N):
            inflow[p, j] += e[p, j] * total[j] * inverse[p, j]


@jit
def _deliver_throttled(
    p: int, touched: Ints, Z: Array, inverse: Array, o: Array, e: Array, f: Array, g: Array, leg_of: Ints,
    k: Array, moves: Array, fC: Array, fE: Array, f_own: Array, inflow: Array,
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
                order, share = o[p, j] + e[p, j] * g[i] + f[p, j], 1.0
                if leg >= 0:
                    order, share = order * k[leg, b], moves[leg, b]
                c = min(1.0, order)
                served = f_own[i] if i == j else fC[i]
                total += share * Z[p, r, j] * (c * served + (order - c) * fE[i])
            inflow[p, j] = total * inverse[p, j]


@jit
def _release(
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
def _use(
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
def _want(p: int, c: int, rules: Array, need: Array, top: Array, held: Array, wanted: Array) -> None:
    """Orders of input p wanted for tomorrow, relative to the normal purchase: use plus stock gap."""
    for j in range(top.size):
        have = held[j]
        gap = max(0.0, rules[p, 0, j] - have) + min(0.0, rules[p, 1, j] - have)
        w = need[c + 1, j] * top[j] + gap * rules[p, 2, j]
        wanted[j] = max(0.0, w)


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
def _order_plain(p: int, inverse: Array, wanted: Array, o: Array, f: Array, excess: Ints) -> None:
    """Split the wanted orders of a product that nobody throttles and no seller has to spare."""
    beyond = 0
    for j in range(wanted.size):
        w = wanted[j] if inverse[p, j] > 0.0 else 1.0
        o[p, j] = min(1.0, w)
        f[p, j] = max(0.0, w - 1.0)
        beyond += w > 1.0
    excess[p, 1] = beyond


@jit
def _order(
    p: int, Z: Array, B: Array, inverse: Array, leg_of: Ints, k: Array, g: Array, wanted: Array,
    usual: Array, weight: Array, o: Array, e: Array, f: Array, excess: Ints,
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
        o[p, j], e[p, j], f[p, j] = 1.0, 0.0, 0.0
        if inverse[p, j] > 0.0:
            o[p, j] = within
            if weight[j] > 0.0:
                e[p, j] = more * B[p, j] / weight[j]
            elif u > 0.0:
                f[p, j] = more / u
        spare += e[p, j] > 0.0
        all_usual += f[p, j] > 0.0
    excess[p, 0], excess[p, 1] = spare, all_usual


@jit
def _record(
    day: int, level: Array, L1: Array, fF: Array, binding: Array, output: Array, served: Array, direct: Array,
    by: Array,
) -> None:  # fmt: skip
    """Add the day to what the run gives."""
    for j in range(level.size):
        output[day, j] = level[j] * L1[j]
        served[j] += fF[j]
        if L1[j] < 1.0:
            lost = level[j] * (1.0 - L1[j])
            direct[j] += lost
            by[int(binding[j]), j] += lost


@jit
def _spare(day: float, spare: Array, ramp: Array, g: Array) -> None:
    """Output that sellers can add, as a share of normal output; day counts from the stop."""
    for i in range(g.size):
        g[i] = spare[i] * min(1.0, max(0.0, day / ramp[i]))


@jit
def _shares_left(fC: Array, fE: Array, g: Array, not_C: Array, not_E: Array, spare_E: Array) -> None:
    """Shares not served, and spare output served, of each seller."""
    for i in range(fC.size):
        not_C[i], not_E[i], spare_E[i] = 1.0 - fC[i], 1.0 - fE[i], g[i] * fE[i]


outer: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@outer
def _run(
    Z: Array, final: Array, spare: Array, ramp: Array, phi: Array, first: Ints, controlled: Ints,
    rules: Array, stock: Array, scale: Array, kept: Array, resource: Array, thrift: Array,
    reserve: Array, scalars: Ints, thrift_ramp: float, node: Array, need: Array, inverse_need: Array,
    B: Array, inverse: Array, o: Array, e: Array, f: Array, inflow: Array,
    excess: Ints, touched: Ints, leg_of: Ints, k: Array, k_next: Array, last_short: Array,
    who: Ints, output: Array, direct: Array, served: Array, by: Array, margin: Array,
) -> None:  # fmt: skip
    """All days of a draw."""
    stop, days, rule, memory = scalars[0], scalars[1], scalars[2], scalars[3]
    S, R = touched.shape
    N = S * R
    x, C, E, own, x_opt, level = node[0], node[1], node[2], node[3], node[4], node[5]
    L1, L2, g_next = node[6], node[7], node[21]
    fC, fE, fF, f_own, not_C, not_E, spare_E = (
        node[8], node[9], node[10], node[11], node[12], node[13], node[14],
    )  # fmt: skip
    g, held, usual, wanted, cap, wish = node[15], node[16], node[17], node[18], node[19], node[20]
    weight, binding = node[22], node[23]
    for p in range(S):
        _demand(p, Z, leg_of, k, kept[0], o, e, f, g, excess, C, E, own)
    for i in range(N):
        # Nothing is throttled in a normal year.
        x[i] = _dot(Z[i % S, i // S], o[0], o[0])[0] + final[i]
    for day in range(days):
        moves, tomorrow = kept[day], kept[min(day + 1, days - 1)]
        _spare(day - stop, spare, ramp, weight)
        _wish(C, E, final, x, weight, x_opt, level)
        _thrift(
            day - stop, thrift_ramp, memory, thrift[0], thrift[1], last_short, level, controlled, need,
            inverse_need,
        )  # fmt: skip
        _limits(
            day - stop, first, controlled, stock, scale, inverse_need, phi, held, last_short, L1, L2, binding
        )
        _limited(L1, cap, wish, who)
        _ration(rule, C, E, final, own, x_opt, L1, fC, fE, fF, f_own)
        _record(day, level, L1, fF, binding, output, served, direct, by)
        _shares_left(fC, fE, g, not_C, not_E, spare_E)
        # Orders for tomorrow leave throttled cells and rest on tomorrow's spare output.
        _spare(day + 1 - stop, spare, ramp, g_next)
        for leg in range(k.shape[0]):
            for b in range(R):
                k_next[leg, b] = k[leg, b] + (moves[leg, b] - k[leg, b]) / resource[leg, b]
        # One read of the rows of p serves its deliveries, its orders and tomorrow's demand for it.
        for p in range(S):
            c, goods = controlled[p], first[p + 1] > first[p]
            if goods:
                _deliver(p, Z, inverse, o, e, f, excess, not_C, not_E, spare_E, f_own, wanted, inflow)
                _deliver_throttled(
                    p, touched, Z, inverse, o, e, f, g, leg_of, k, moves, fC, fE, f_own, inflow
                )
                if c >= 0:
                    _release(p, c, day - stop, thrift[2], reserve, need, B, inflow)
                _lift(p, True, who, binding, L1, L2, cap, wish)
                _use(
                    p, c, first[p], first[p + 1], stock, scale, need, inverse_need, inflow, cap, wanted, held
                )
                _want(p, c, rules, need, wish, held, wanted)
                _lift(p, False, who, binding, L1, L2, cap, wish)
            else:
                for j in range(N):
                    wanted[j] = need[0, j] * L1[j]
            if c >= 0:
                for j in range(N):
                    margin[c, j] = min(margin[c, j], held[j])
                _usual(p, Z, inverse, touched, leg_of, k_next, usual)
                _order(p, Z, B, inverse, leg_of, k_next, g_next, wanted, usual, weight, o, e, f, excess)
            else:
                _order_plain(p, inverse, wanted, o, f, excess)
            _demand(p, Z, leg_of, k_next, tomorrow, o, e, f, g_next, excess, C, E, own)
        for i in range(N):
            g[i] = g_next[i]
        for leg in range(k.shape[0]):
            for b in range(R):
                k[leg, b] = k_next[leg, b]


def _table(d: ShortageInput, dtype: type) -> tuple[Array, Array, Array]:
    """Z as (product, region of seller, buyer), rows padded with noughts to whole vector lanes; B; 1 / B."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    Z: Array = np.zeros((S, R, -(-N // LANES) * LANES), dtype=dtype)
    Z[:, :, :N] = d.Z.reshape(R, S, N).transpose(1, 0, 2)
    B = Z.sum(axis=1, dtype=np.float64)
    return Z, B, np.divide(1.0, B, out=np.zeros_like(B), where=B > 0)


def _legs(d: ShortageInput) -> tuple[Ints, Ints]:
    """Whether product p is throttled for buyers in region b, (S, R); the leg of each node or -1, (N,)."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    touched, leg_of = np.zeros((S, R), dtype=np.int64), np.full(N, -1, dtype=np.int64)
    for leg, i in enumerate(d.leg_node):
        leg_of[i] = leg
        touched[i % S] |= d.kept[leg].min(axis=1) < 1.0
    return touched, leg_of


def shortage(d: ShortageInput, dtype: type = np.float64) -> ShortagePath:
    """Run one draw for d.days days; the compiled twin of `shortage_plain`, releasing the global lock.

    dtype: float32 halves the bytes of the table that a day reads; sums and stocks stay in float64.
    """
    S, N, (K, R) = d.controlled.size, d.final.size, d.state.shape
    Z, B, inverse = _table(d, dtype)
    touched, leg_of = _legs(d)
    reserve = d.state * B[d.controlled >= 0, :N].reshape(K, R, S).sum(axis=2)
    path = ShortagePath(
        output=np.empty((d.days, N)),
        direct=np.zeros(N),
        served=np.zeros(N),
        binding=np.zeros((S, N)),
        margin=np.full((K, N), np.inf),
    )
    _run(
        Z,
        *(np.array(a) for a in (d.final, d.spare, d.ramp, d.phi, d.first, d.controlled)),
        np.repeat(np.stack([d.goal, d.goal + d.extra, 1.0 / d.restock], axis=1), S, axis=2),
        np.repeat(d.cover, S, axis=1),
        np.repeat(1.0 / d.working, S, axis=1),
        np.ascontiguousarray(np.moveaxis(d.kept, 2, 0)),
        np.array(d.resource),
        np.stack([d.beta_max, d.beta_lead, d.release]),
        reserve,
        np.array([d.stop, d.days, d.rule, d.thrift_memory]),
        float(d.thrift_ramp),
        np.zeros((24, N)),
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
        np.ones(d.resource.shape),
        np.full((K, N), -np.inf),
        np.zeros(N + 1, dtype=np.int64),
        path.output,
        path.direct,
        path.served,
        path.binding,
        path.margin,
    )
    margin = np.where(B[d.controlled >= 0, :N] > 0, path.margin, np.nan)
    return path._replace(margin=margin)
