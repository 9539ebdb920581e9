"""The shortage model of one draw, day by day: its arrays and the readable NumPy twin.

Equations with symbols and references: docs/method-sector.md, section 2. i = (region r, product p) is a
seller, j a buyer; nodes are region-major, node = r * S + p. Flows are rates in USD million a year and a
stock is a rate times days, so that the yearly table enters unchanged. shortage.py holds the compiled twin.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

CONTRACT_FIRST, CONTRACT_AND_FINAL, PROPORTIONAL = 0, 1, 2
# A buyer counts as short when its fulfilment is below one by more than rounding.
SHORT = 1 - 1e-9
AS_USUAL = 0.99
"""Share of normal output above which a plant runs as usual and can make up what it lost."""


class ShortageInput(NamedTuple):
    """All that one draw needs. N nodes, R regions, S products, P stock rows, K controlled, L legs, T days.

    Z (N, N), final (N,), added (N,): yearly sales, final demand, value added.
    first (S + 1,): stock rows of product p are first[p]:first[p + 1]; none for services, one for ordinary
    goods, one per stock class for controlled products. controlled (S,): index into K, -1 for others.
    phi (S, N): share of j's output that cannot be made without p; 0 where j buys none.
    goal, extra, restock (S, R): normal cover, cover added on day 0 (held for the stop, neither refilled nor
    run down), days over which a gap is refilled. cover (P, R): stock on day 0; working (P, R): minimum
    working stock, at most the normal cover; all in days of normal use of the buyers in a region.
    spare, ramp (N,): output a seller can add, as a share of today's, and days until it is reached.
    leg_node (L,): sellers of throttled flows; kept (L, R, T): share of normal sales that may
    move, by buyer region and day;
    resource (L, R): days over which orders leave a throttled cell. stop: day on which the clocks of spare
    output, thrift and state stocks start (T when nothing is stopped).
    beta_max, beta_lead (K, R): thrift, share of use saved in the end and days before it begins.
    state, release (K, R): state stock in days of the region's use, days from the stop to its release.
    restart (N,): days from standstill to full output once inputs are back. upstream (S,): share of a fall in
    output by which a buyer cuts its orders of product p, where p has no stock (services). recapture (N,):
    share of lost output that customers wait for; overtime: output of a day by which it may be made up;
    waiting: days after which a customer who waits is gone, on average.
    """

    Z: Array
    final: Array
    added: Array
    first: Ints
    controlled: Ints
    phi: Array
    goal: Array
    extra: Array
    restock: Array
    cover: Array
    working: Array
    spare: Array
    ramp: Array
    leg_node: Ints
    kept: Array
    resource: Array
    beta_max: Array
    beta_lead: Array
    state: Array
    release: Array
    stop: int
    days: int
    rule: int
    thrift_ramp: float
    thrift_memory: int
    restart: Array
    upstream: Array
    recapture: Array
    overtime: float
    waiting: float


class ShortagePath(NamedTuple):
    """What a run gives.

    output (T, N): share of normal output of the day, with what is made up of earlier losses; direct (N,),
    made_up (N,), served (N,): days of normal output lost to lack of inputs, made up later, and days of final
    demand served, over the horizon; binding (S, N): days of output lost while
    p was the binding input; margin (K, N): least days of cover over the horizon.
    """

    output: Array
    direct: Array
    made_up: Array
    served: Array
    binding: Array
    margin: Array


class _Table(NamedTuple):
    """Sizes and the constants of a draw."""

    S: int
    R: int
    x: Array
    bought: Array
    product: Ints
    mean: Array
    region: Ints


def _constants(d: ShortageInput) -> _Table:
    N, S = d.final.size, d.controlled.size
    R = N // S
    product = np.repeat(np.arange(S), np.diff(d.first))
    mean = np.zeros((S, product.size))
    mean[product, np.arange(product.size)] = 1.0 / np.diff(d.first)[product]
    x = d.Z.sum(axis=1) + d.final
    bought = d.Z.reshape(R, S, N).sum(axis=0)
    return _Table(S, R, x, bought, product, mean, np.repeat(np.arange(R), S))


def _spread(rows: Array, t: _Table) -> Array:
    """(.., R) by buyer region to (.., N) by buyer."""
    return np.asarray(rows[..., t.region])


def _masks(by_region: Array, d: ShortageInput, t: _Table) -> Array:
    """(L, R) shares of throttled cells to an (N, N) matrix of ones elsewhere."""
    mask = np.ones_like(d.Z)
    for leg, node in enumerate(d.leg_node):
        mask[node] = by_region[leg, t.region]
    return mask


def _spare(d: ShortageInput, day: int) -> Array:
    """Output that sellers can add on a day, as a share of their normal output."""
    return d.spare * np.clip((day - d.stop) / d.ramp, 0.0, 1.0)


def _serve(
    d: ShortageInput, contract: Array, excess: Array, x: Array, demand: Array
) -> tuple[Array, Array, Array]:
    """Share of each contract order, excess order and of final demand that is delivered."""
    C, E = contract.sum(axis=1), excess.sum(axis=1)

    def share(amount: Array, of: Array) -> Array:
        some = np.minimum(1.0, np.divide(np.maximum(amount, 0.0), of, out=np.ones_like(of), where=of > 0))
        return np.where(x >= demand, 1.0, some)

    if d.rule == PROPORTIONAL:
        f = share(x, demand)
        return contract * f[:, None], excess * f[:, None], f
    if d.rule == CONTRACT_FIRST:
        fC, fF = share(x, C), share(x - C, d.final)
        delivered = contract * fC[:, None]
    else:
        own = np.diag(contract)
        f_own, fC = share(x, own), share(x - own, C + d.final - own)
        fF = fC
        delivered = contract * fC[:, None]
        np.fill_diagonal(delivered, own * f_own)
    fE = share(x - C - d.final, E)
    return delivered, excess * fE[:, None], fF


def _limits(d: ShortageInput, t: _Table, stock: Array, need: Array) -> tuple[Array, Array, Array, Array]:
    """Fulfilment by stock row; the lowest and second lowest output limit of each buyer; the binding input."""
    working = _spread(d.working, t) * need[t.product]
    h = np.minimum(1.0, np.divide(stock, working, out=np.ones_like(stock), where=working > 0))
    L = 1 - d.phi * (1 - t.mean @ h)
    L[np.diff(d.first) == 0] = 1.0
    binding = L.argmin(axis=0)
    ordered = np.sort(np.vstack([L, np.ones(L.shape[1])]), axis=0)
    return h, ordered[0], ordered[1], binding


def _orders(t: _Table, wanted: Array, base: Array, willing: Array) -> Array:
    """Orders (N, N): usual sellers first; what goes beyond them is shared out by `willing` (N, N)."""
    shape = (t.R, t.S, -1)
    usual, total = base.reshape(shape).sum(axis=0), willing.reshape(shape).sum(axis=0)
    within = np.divide(np.minimum(wanted, usual), usual, out=np.zeros_like(usual), where=usual > 0)
    beyond = np.maximum(0.0, wanted - usual)
    factor = np.divide(beyond, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(base * np.tile(within, (t.R, 1)) + willing * np.tile(factor, (t.R, 1)))


def _willing(d: ShortageInput, t: _Table, base: Array, day: int) -> Array:
    """Weights of excess orders: spare output in open cells; any usual seller of what is not controlled."""
    open_cells = _masks(d.kept[:, :, min(day, d.days - 1)], d, t) >= 1.0
    weight = np.where(np.tile(d.controlled >= 0, t.R), _spare(d, day), 1.0)
    return np.asarray(base * weight[:, None] * open_cells)


def _thrift(d: ShortageInput, t: _Table, day: int, last_short: Array) -> Array:
    """Share of use saved by each buyer of each controlled product, (K, N)."""
    begun = np.clip((day - d.stop - _spread(d.beta_lead, t)) / d.thrift_ramp, 0.0, 1.0)
    return np.where(day - last_short <= d.thrift_memory, begun * _spread(d.beta_max, t), 0.0)


def _release(d: ShortageInput, t: _Table, day: int, reserve: Array, shortfall: Array) -> Array:
    """State stock handed out today, (K, N), pro rata to shortfalls; `reserve` is drawn down in place."""
    given = np.zeros_like(shortfall)
    for k, r in np.argwhere((day - d.stop >= d.release) & (reserve > 0)):
        here = t.region == r
        missing = shortfall[k, here].sum()
        if missing > 0:
            out = min(reserve[k, r], missing)
            reserve[k, r] -= out
            given[k, here] = shortfall[k, here] * (out / missing)
    return given


def _make_up(d: ShortageInput, waits: Array, made: Array, L1: Array) -> tuple[Array, Array]:
    """Output that customers still wait for, and what of it is made up today by overtime, (N,) each.

    A plant makes up when it runs as usual: all inputs there, its own orders back.
    """
    waits = waits * (1.0 - 1.0 / d.waiting) + d.recapture * np.maximum(0.0, 1.0 - made)
    again = np.where((L1 >= AS_USUAL) & (made >= AS_USUAL), np.minimum(waits, d.overtime), 0.0)
    return waits - again, again


def _empty(days: int, S: int, N: int, K: int) -> ShortagePath:
    """A path before the first day."""
    direct, made_up, served = np.zeros((3, N))
    rest = (np.zeros((S, N)), np.full((K, N), np.inf))
    return ShortagePath(np.empty((days, N)), direct, made_up, served, *rest)


def _record(path: ShortagePath, day: int, level: Array, L1: Array, blame: Ints, again: Array) -> None:
    """Add a day to the path: output, what is made up, what is lost for want of which input."""
    lost = level * (1 - L1)
    path.output[day] = level * L1 + again
    path.made_up[:] += again
    path.direct[:] += lost
    path.binding[:] += np.where((np.arange(len(path.binding))[:, None] == blame) & (L1 < 1), lost, 0.0)


def shortage_plain(d: ShortageInput) -> ShortagePath:
    """Run one draw for d.days days; the readable twin, (N, N) matrices throughout."""
    t = _constants(d)
    N, ctl = d.final.size, np.flatnonzero(d.controlled >= 0)
    normal = t.bought[t.product]
    stock = _spread(d.cover, t) * normal
    goal = _spread(d.goal, t) * t.bought
    upper = goal + _spread(d.extra, t) * t.bought
    restock, held = _spread(d.restock, t), np.diff(d.first) > 0
    reserve = d.state * t.bought[ctl].reshape(ctl.size, t.R, t.S).sum(axis=2)
    last_short = np.full((ctl.size, N), -np.inf)
    k = np.ones((d.leg_node.size, t.R))
    orders = d.Z
    running, blame, waits = np.ones(N), np.zeros(N, dtype=np.int64), np.zeros(N)
    path = _empty(d.days, t.S, N, ctl.size)
    for day in range(d.days):
        # What can be delivered of today's orders, and what the sellers make of it.
        throttled = _masks(d.kept[:, :, day], d, t)
        contract = np.minimum(orders, d.Z * np.minimum(throttled, 1.0))
        excess = (orders - contract) * (throttled >= 1.0)
        demand = contract.sum(axis=1) + d.final + excess.sum(axis=1)
        x_opt = np.minimum(demand, t.x * (1 + _spare(d, day)))
        level = np.divide(x_opt, t.x, out=np.ones(N), where=t.x > 0)
        beta = np.zeros((t.S, N))
        beta[ctl] = _thrift(d, t, day, last_short)
        need = t.bought * (1 - beta) * level
        h, L1, L2, binding = _limits(d, t, stock, need)
        # A plant that stood runs up in steps; none of its inputs is then the one that binds.
        slow = np.minimum(1.0, running + 1.0 / d.restart) < L1
        L1 = running = np.minimum(L1, running + 1.0 / d.restart)
        binding, blame = np.where(slow, -1, binding), np.where(slow, blame, binding)
        x = x_opt * L1

        # Deliveries, state stocks, use.
        c, e, f_final = _serve(d, contract, excess, x, demand)
        inflow = (c + e).reshape(t.R, t.S, N).sum(axis=0)
        inflow[ctl] += _release(d, t, day, reserve, np.maximum(0.0, need[ctl] - inflow[ctl]))
        binds = np.arange(t.S)[:, None] == binding
        cap = np.where(binds, 1.0, L1)
        use = need[t.product] * np.minimum(h, cap[t.product])
        stock = stock + inflow[t.product] - np.minimum(use, stock + inflow[t.product])
        last_short[(t.mean @ h)[ctl] < SHORT] = day

        # Orders for tomorrow.
        k = k + (d.kept[:, :, day] - k) / d.resource
        held_now = t.mean @ stock
        gap = np.where(held_now < goal, goal - held_now, np.minimum(0.0, upper - held_now))
        want = t.bought * (1 - beta) * level * np.where(binds, L2, L1)
        service = t.bought * (1.0 + d.upstream[:, None] * (level * L1 - 1.0))
        wanted = np.where(held[:, None], np.maximum(0.0, want + gap / restock), service)
        base = d.Z * _masks(k, d, t)
        orders = _orders(t, wanted, base, _willing(d, t, base, day + 1))

        waits, again = _make_up(d, waits, level * L1, L1)
        _record(path, day, np.where(t.x > 0, level, 1.0), L1, blame, again)
        path.served[:] += f_final
        days_left = np.divide(held_now, t.bought, out=np.full_like(t.bought, np.nan), where=t.bought > 0)
        np.fmin(path.margin, days_left[ctl], out=path.margin)
    return path._replace(margin=np.where(t.bought[ctl] > 0, path.margin, np.nan))
