"""A doctor over lives lived, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.doctor.wards import Ward, warded


@pytest.fixture
def ward(database_url: str) -> Iterator[Ward]:
    with warded(database_url) as made:
        yield made
