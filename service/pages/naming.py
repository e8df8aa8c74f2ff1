"""What the ids on a page stand for, as far as the visitor may be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.naming import Named, named
from service.pages.visiting import Visit


def names_for(visit: Visit, here: Collection[str], typed: Collection[str]) -> Mapping[str, Named]:
    """What ids stand for, by id; unknown ones are left out.

    `here` are those the engine wrote into what the visitor reads: who did something, had the case,
    was told. `typed` came out of facts and forms, into which anybody may have written any id: of
    these, people are named to those alone who may know of them. Staff need no look for that.
    """
    found = named(visit.house.store, visit.institution, {*here, *typed})
    doubtful = {id_ for id_ in {*typed} - {*here} if id_ in found and found[id_].kind == "person"}
    known = visit.known(doubtful) if doubtful else frozenset()
    return {id_: each for id_, each in found.items() if id_ not in doubtful or id_ in known}
