"""One fault of a table file as the error to raise."""

from __future__ import annotations

from ...core.errors import InputError, Problem


def fault(what: str, where: object = "", why: str = "", fix: str = "") -> InputError:
    """The InputError of one problem."""
    return InputError(Problem(what, str(where), why, fix))
