"""A Dask cluster as an executor: --dask ADDRESS."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ..core.errors import InputError, MissingDataError, Problem

WAIT_SECONDS = 10


@contextmanager
def cluster(address: str | None) -> Iterator[Executor | None]:
    """The executor of a cluster for a `with` block; None, so threads of this machine, without an address."""
    if address is None:
        yield None
        return
    client = _client(address)
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()


def _client(address: str) -> Any:
    """A connected client; InputError where there is no cluster or it has no worker."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise MissingDataError(
            Problem("Dask is not installed", where="--dask", fix="pip install 'kanmon[dask]'")
        ) from None
    try:
        client: Any = distributed.Client(address, timeout=WAIT_SECONDS)
    except (OSError, TimeoutError, ValueError) as fault:
        raise InputError(
            Problem(
                f"no Dask scheduler answers at {address}",
                where="--dask",
                why=str(fault) or type(fault).__name__,
                fix="start one (dask scheduler) and give its address, such as tcp://host:8786",
            )
        ) from None
    if not client.scheduler_info(n_workers=-1)["workers"]:
        client.close()
        raise InputError(
            Problem(
                f"the Dask scheduler at {address} has no worker",
                where="--dask",
                fix=f"start some: dask worker {address}",
            )
        )
    return client
