"""A long list, so many of it at a time: what one statement, transaction or page takes has an end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Each = TypeVar("Each")


def in_parts(whole: Sequence[Each], size: int) -> Iterator[Sequence[Each]]:
    """Consecutive parts of at most `size`, in order; none of what is empty."""
    return (whole[start : start + size] for start in range(0, len(whole), size))
