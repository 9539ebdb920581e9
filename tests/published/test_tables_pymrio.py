"""A table that pymrio holds enters by its labels; nothing of pymrio or pandas is needed for it."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kanmon as km
from kanmon.core.errors import InputError

NODES = [(r, s) for r in ("reg1", "reg2", "reg3") for s in ("food", "steel")]
FINAL = [(r, c) for r in ("reg1", "reg2", "reg3") for c in ("households", "government")]


@dataclass
class Frame:
    """What is used of a pandas frame."""

    values: Any
    index: list[Any]
    columns: list[Any]

    def to_numpy(self) -> Any:
        return self.values


def system(**more: Any) -> SimpleNamespace:
    """A system whose rows of Y and x stand in another order than those of Z."""
    rng = np.random.default_rng(1)
    Z, Y = rng.uniform(1, 2, (6, 6)), rng.uniform(3, 4, (6, 6))
    x = Z.sum(axis=1) + Y.sum(axis=1)
    turn = [3, 1, 5, 0, 4, 2]
    given = {
        "Z": Frame(Z[:, turn], NODES, [NODES[k] for k in turn]),
        "Y": Frame(Y[turn], [NODES[k] for k in turn], FINAL),
        "x": Frame(x[turn][:, None], [NODES[k] for k in turn], ["indout"]),
        "meta": SimpleNamespace(name="a table of 2015"),
        "right": (Z, Y, x),
    }
    return SimpleNamespace(**{**given, **more})


def test_labels_decide() -> None:
    held = system()
    table = km.Table.from_pymrio(held)
    Z, Y, x = held.right
    assert np.array_equal(table.Z, Z)
    assert np.array_equal(table.final, Y)  # type: ignore[arg-type]
    assert np.array_equal(table.x, x)
    assert (table.regions, table.sectors, table.year) == (("reg1", "reg2", "reg3"), ("food", "steel"), 2015)
    assert table.final_labels == tuple(FINAL)
    assert not table.findings
    assert km.Table.from_pymrio(system(x=None), year=2020, dtype=np.float32).Z.dtype == np.float32


def test_it_runs_with_final_sales_by_destination() -> None:
    from kanmon.engines.ario import ArioInput

    held = system()
    made = ArioInput.of(km.Table.from_pymrio(held))
    assert made.final_to == pytest.approx(held.right[1].reshape(6, 3, 2).sum(axis=2))


def test_faults_are_named_at_once() -> None:
    held = system()
    wrong = Frame(held.Y.values, [("reg9", "food"), *held.Y.index[1:]], FINAL)
    with pytest.raises(InputError) as told:
        km.Table.from_pymrio(system(Y=wrong, meta=None))
    for words in ("rows of Y differ from the rows of Z", "reg9 food", "the year of the table is not known"):
        assert words in str(told.value), words
    with pytest.raises(InputError, match=r"no frame Y(.|\n)*calc_all"):
        km.Table.from_pymrio(system(Y=None))
    bad = held.Z.values.copy()
    bad[0, 0] = np.nan
    with pytest.raises(InputError, match="Z holds cells that are no numbers"):
        km.Table.from_pymrio(system(Z=Frame(bad, held.Z.index, held.Z.columns)))
