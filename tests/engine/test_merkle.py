"""The tree of RFC 6962 and RFC 9162: published vectors, another hand's tree, and the laws of its proofs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.merkle import (
    EMPTY,
    Frontier,
    Nodes,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    peaks,
    root,
    verify_consistency,
    verify_inclusion,
)
from engine.tiles import HASH, WIDTH, Builder, TilePlace, TilesWrong, nodes_of, unfinished
from tests.engine.another_tree import AnotherTree

# The vectors that implementations of RFC 6962 share: entries, and the roots of the trees of the first 1 to 8.
ENTRIES = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(each)
    for each in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
INCLUSION = {
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (0, 1): [],
}
CONSISTENCY = {
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (1, 1): [],
}
LARGEST = 1_200
SIZES = st.integers(min_value=1, max_value=LARGEST)


def entry(number: int) -> bytes:
    """What stands at a leaf: 32 bytes, as a chain hash has them."""
    return hashlib.sha256(str(number).encode()).digest()


def stored(entries: list[bytes]) -> Nodes:
    """A tree over entries, in tiles."""
    builder = Builder()
    for each in entries:
        builder.append(leaf_hash(each))
    tiles = builder.drained() | builder.begun()
    return nodes_of(lambda level, number: tiles.get((level, number), b""))


LEAVES = [leaf_hash(entry(number)) for number in range(LARGEST)]
NODES = stored([entry(number) for number in range(LARGEST)])


def roots(upto: int) -> list[bytes]:
    """The roots of the trees of 0, 1, … leaves, from a frontier that grows."""
    frontier = Frontier()
    found = [frontier.root()]
    for leaf in LEAVES[:upto]:
        frontier.append(leaf)
        found.append(frontier.root())
    return found


KNOWN = roots(LARGEST)


# Published vectors.


def test_a_tree_has_the_published_roots_as_it_grows() -> None:
    frontier = Frontier()
    found = [frontier.root()]
    for each in ENTRIES:
        frontier.append(leaf_hash(each))
        found.append(frontier.root())
    assert found == ROOTS


def test_a_stored_tree_has_the_published_roots() -> None:
    nodes = stored(ENTRIES)
    assert [root(size, nodes) for size in range(9)] == ROOTS


@pytest.mark.parametrize(("leaf", "size"), INCLUSION)
def test_a_leaf_has_the_published_path(leaf: int, size: int) -> None:
    proof = [bytes.fromhex(each) for each in INCLUSION[leaf, size]]
    assert list(inclusion_proof(leaf, size, stored(ENTRIES))) == proof
    assert verify_inclusion(leaf_hash(ENTRIES[leaf]), leaf, size, proof, ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_two_trees_have_the_published_consistency_proof(old: int, new: int) -> None:
    proof = [bytes.fromhex(each) for each in CONSISTENCY[old, new]]
    assert list(consistency_proof(old, new, stored(ENTRIES))) == proof
    assert verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


def test_proofs_name_the_nodes_of_the_example_of_the_rfc() -> None:
    # RFC 9162 section 2.1.5: a tree of seven, its nodes called a to l; the entries there are d0 to d6.
    nodes = stored([f"d{number}".encode() for number in range(7)])
    a, b, c, d, e, f, j = (leaf_hash(f"d{number}".encode()) for number in range(7))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, ell = node_hash(g, h), node_hash(i, j)
    paths = {leaf: inclusion_proof(leaf, 7, nodes) for leaf in (0, 3, 4, 6)}
    assert paths == {0: (b, h, ell), 3: (c, g, ell), 4: (f, j, k), 6: (i, k)}
    between = {old: consistency_proof(old, 7, nodes) for old in (3, 4, 6)}
    assert between == {3: (c, d, g, ell), 4: (ell,), 6: (i, j, k)}


# Another hand's tree.


def test_roots_equal_another_implementations_for_every_size_up_to_a_thousand() -> None:
    other = AnotherTree()
    assert other.root() == KNOWN[0]
    for size in range(1, 1_001):
        other.append(entry(size - 1))
        assert other.root() == KNOWN[size] == root(size, NODES)


@pytest.mark.parametrize("size", [16_384, 65_537, 70_001])
def test_roots_of_large_trees_equal_another_implementations(size: int) -> None:
    entries = [entry(number) for number in range(size)]
    assert root(size, stored(entries)) == AnotherTree(entries).root()


# Laws.


@given(SIZES, st.data())
def test_every_leaf_of_every_tree_can_be_proved_and_only_in_its_place(size: int, data: st.DataObject) -> None:
    leaf = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size))
    proof = inclusion_proof(leaf, size, NODES)
    assert len(proof) <= (size - 1).bit_length()
    assert verify_inclusion(LEAVES[leaf], leaf, size, proof, KNOWN[size])
    assert verify_inclusion(LEAVES[leaf], other, size, proof, KNOWN[size]) == (other == leaf)
    assert not verify_inclusion(LEAVES[(leaf + 1) % LARGEST], leaf, size, proof, KNOWN[size])


@given(SIZES, st.data())
def test_every_tree_is_proved_to_be_the_beginning_of_every_later_one(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(old, new, NODES)
    assert len(proof) <= new.bit_length() + 1
    assert verify_consistency(old, KNOWN[old], new, KNOWN[new], proof)


@given(SIZES, st.data())
def test_a_tree_that_was_written_anew_has_no_consistency_proof(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    forged = stored([entry(number if number != changed else -1) for number in range(new)])
    proof = consistency_proof(old, new, forged)
    assert verify_consistency(old, root(old, forged), new, root(new, forged), proof)
    assert not verify_consistency(old, KNOWN[old], new, root(new, forged), proof)


def spoilt(proof: tuple[bytes, ...], random_: random.Random) -> tuple[bytes, ...]:
    """A proof with one thing wrong: a bit, a hash too few, too many, doubled or moved."""
    made = list(proof)
    at = random_.randrange(len(made) or 1)
    ways: list[Callable[[], object]] = [lambda: made.insert(at, hashlib.sha256(b"more").digest())]
    if made:
        bit = 1 << random_.randrange(8)
        ways += [
            lambda: made.pop(at),
            lambda: made.insert(at, made[at]),
            lambda: made.__setitem__(at, bytes([made[at][0] ^ bit]) + made[at][1:]),
        ]
    random_.choice(ways)()
    return tuple(made)


@given(SIZES, st.randoms(use_true_random=False))
def test_a_spoilt_proof_is_refused(size: int, random_: random.Random) -> None:
    leaf, old = random_.randrange(size), random_.randrange(1, size + 1)
    inclusion = spoilt(inclusion_proof(leaf, size, NODES), random_)
    assert not verify_inclusion(LEAVES[leaf], leaf, size, inclusion, KNOWN[size])
    consistency = spoilt(consistency_proof(old, size, NODES), random_)
    assert not verify_consistency(old, KNOWN[old], size, KNOWN[size], consistency)


def test_proofs_about_nothing_are_what_they_should_be() -> None:
    assert verify_consistency(0, EMPTY, 0, EMPTY, ())
    assert verify_consistency(0, EMPTY, 5, KNOWN[5], ())
    assert not verify_consistency(0, KNOWN[1], 5, KNOWN[5], ())
    assert not verify_consistency(5, KNOWN[5], 4, KNOWN[4], ())
    assert not verify_consistency(3, KNOWN[3], 5, KNOWN[5], ())
    assert not verify_inclusion(LEAVES[0], 0, 0, (), EMPTY)
    assert not verify_inclusion(LEAVES[0], -1, 1, (), KNOWN[1])
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(3, 3, NODES)
    with pytest.raises(ValueError, match="not the beginning"):
        consistency_proof(4, 3, NODES)


# Tiles.


@given(SIZES, SIZES)
def test_a_tree_that_grows_in_two_steps_has_the_same_tiles(first: int, second: int) -> None:
    first, second = sorted((first, second))
    grown = Builder()
    for leaf in LEAVES[:first]:
        grown.append(leaf)
    tiles = grown.drained() | grown.begun()
    again = Builder(first, {place: tiles[place] for place in unfinished(first)})
    for leaf in LEAVES[first:second]:
        again.append(leaf)
    tiles |= again.drained() | again.begun()
    assert tiles == tiles_of(second)


def tiles_of(size: int) -> dict[TilePlace, bytes]:
    made = Builder()
    for leaf in LEAVES[:size]:
        made.append(leaf)
    return made.drained() | made.begun()


def test_tiles_cost_a_hash_an_event_and_little_more() -> None:
    held = sum(len(each) for each in tiles_of(LARGEST).values())
    assert LARGEST * HASH <= held <= LARGEST * HASH * (1 + 2 / WIDTH)


def test_a_frontier_taken_from_tiles_goes_on_as_if_it_had_grown() -> None:
    for size in (0, 1, 255, 256, 257, 700):
        frontier = Frontier.of(size, NODES)
        for leaf in LEAVES[size:]:
            frontier.append(leaf)
        assert frontier.root() == KNOWN[LARGEST]


def test_peaks_cover_the_tree_from_left_to_right() -> None:
    for size in (0, 1, 6, 255, 257):
        covered = [number for level, at in peaks(size) for number in range(at << level, (at + 1) << level)]
        assert covered == list(range(size))


def test_tiles_that_are_too_short_are_refused() -> None:
    with pytest.raises(TilesWrong, match="tile 0 of level 0"):
        Builder(3, {(0, 0): LEAVES[0]})
    with pytest.raises(TilesWrong, match="tile 2 of level 0"):
        root(600, nodes_of(lambda _level, number: tiles_of(600).get((0, number), b"") if number < 2 else b""))
