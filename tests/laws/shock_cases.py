"""Small hand-made coverage, table and parameters for the tests of shocks and responses."""

from datetime import date

import numpy as np

from kanmon.core.draws import Uncertain, draw
from kanmon.core.source import Source
from kanmon.expose.case import Names
from kanmon.expose.shock import shock_parameters, shocks
from kanmon.measure.measure import Coverage, Covered, Status
from kanmon.world.records import SplitTable

CARD = Source("made", "made for a test")
REGIONS = ("SEL", "BUY", "OTH")
SECTORS = ("MET", "ELE", "CAR", "P1", "P2")


def row(symbol, product, low, mid, high, country="BUY", distribution="triangular"):
    return Uncertain((symbol, product, "", country), low, mid, high, distribution, "share", "assumed", CARD)


class Rows:
    """Parameters looked up by their exact product, then by 'all controlled'."""

    def __init__(self, *rows):
        self.rows = rows

    def __iter__(self):
        return iter(self.rows)

    def lookup(self, symbol, product="", sector="", country=""):
        for name in (product, "all controlled"):
            for r in self.rows:
                if r.key[:2] == (symbol, name):
                    return r
        return None

    def use_value(self, product, country):
        found = self.lookup("use_value", product)
        return found if found is not None and (found.key[1], found.key[3]) == (product, country) else None


PARAMETERS = Rows(
    row("e_enforce", "all controlled", 0.9, 1.0, 1.0),
    row("l_half", "all controlled", 60, 150, 300),
    row("t_review", "all controlled", 45, 45, 45, "SEL", "fixed"),
    row("l_max", "P1", 0.1, 0.3, 0.6),
    row("approval", "P1", 0.2, 0.5, 0.8),
    row("front_load", "P1", 0.0, 0.25, 0.5),
    row("use_value", "P1", 90.0, 100.0, 120.0),
    row("tau_resource", "all controlled", 15, 45, 120, "all"),
    row("ramp", "all controlled", 60, 180, 365, "all"),
)

NAMES = Names(parents_of=lambda hs: ("MET",) if hs[0].startswith("81") else ("ELE",))


def table():
    n = len(REGIONS) * len(SECTORS)
    zeros = np.zeros((1, n))
    return SplitTable(
        REGIONS, SECTORS, ("P1", "P2"), {"P1": "MET", "P2": "MET"}, np.zeros((1, n, n)), zeros, zeros, zeros,
        2022, (), (), (CARD,),
    )  # fmt: skip


def item(product="P1", instrument="ban", affected=(1.0, 1.0, 1.0), scenario="full_stop", hs=()):
    return Covered(scenario, product, hs, instrument, affected, "stated", ())


def coverage(*items, left_out=()):
    status = Status("in_force", date(2020, 1, 1), "in force")
    return Coverage("M", date(2020, 6, 1), "BUY", "SEL", status, items, (), left_out)


def unknown(_seller, _buyer, _hs):
    return None


def sample(cover, parameters=PARAMETERS, count=32):
    return draw((*parameters, *shock_parameters(cover)), count, seed=1)


def made(cover, share_of=unknown, parameters=PARAMETERS, count=32, days=365, **more):
    drawn = sample(cover, parameters, count)
    return shocks(cover, table(), drawn, parameters, share_of, days, names=NAMES, **more)
