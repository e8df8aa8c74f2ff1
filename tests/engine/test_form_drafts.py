"""What was begun in a form is its writer's alone, until it is sent, discarded, erased or old; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.canonical import micros
from engine.errors import BadFields
from engine.form_drafts import KEPT, LONGEST, MOST, Draft, FormDrafts
from engine.model import IMPORT_PARTY, Erase, ErasureReason
from tests.engine.house import INSTITUTION, House, open_house

FORM = "step.find_ineligible"
ODD = {"reason": ["<script>", "'; DROP TABLE form_draft; --"], "f.åäö": ["\u202eabc", ""]}


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def drafts(house: House) -> FormDrafts:
    return FormDrafts(house.store, house.clock)


def save(house: House, given: dict[str, list[str]], *, person: str = "ann", case: str = "c", version: int = 3) -> int:
    return drafts(house).save(INSTITUTION, person, case=case, form=FORM, version=version, given=given)


def find(house: House, *, person: str = "ann", case: str = "c", form: str = FORM) -> Draft | None:
    return drafts(house).find(INSTITUTION, person, case=case, form=form)


def test_a_draft_is_found_as_it_was_written_with_version_and_instant(house: House) -> None:
    at = save(house, ODD)
    assert find(house) == Draft(3, ODD, at)
    assert at == micros(house.clock.at)


def test_the_last_one_stands(house: House) -> None:
    save(house, {"reason": ["a"]})
    at = save(house, {"reason": ["b"]}, version=4)
    assert find(house) == Draft(4, {"reason": ["b"]}, at)


def test_nobody_else_reads_it_nor_another_form_nor_another_case(house: House) -> None:
    save(house, ODD)
    found = (find(house, person="arne"), find(house, form="step.other"), find(house, case="d"))
    assert found == (None, None, None)


def test_it_is_gone_when_it_is_discarded(house: House) -> None:
    save(house, ODD)
    assert drafts(house).discard(INSTITUTION, "ann", case="c", form=FORM)
    assert find(house) is None
    assert not drafts(house).discard(INSTITUTION, "ann", case="c", form=FORM)


def test_one_that_is_too_old_is_not_there_and_is_swept_away(house: House) -> None:
    save(house, ODD)
    house.clock.at += KEPT
    assert find(house) is not None
    house.clock.at += timedelta(seconds=1)
    assert find(house) is None
    save(house, ODD, case="d")
    assert drafts(house).forget() == 1
    assert find(house, case="d") is not None


def test_old_ones_of_anybody_go_when_one_is_discarded(house: House) -> None:
    save(house, ODD, person="arne")
    house.clock.at += KEPT + timedelta(days=1)
    drafts(house).discard(INSTITUTION, "ann", case="c", form=FORM)
    assert drafts(house).forget() == 0


def test_erasing_a_case_takes_what_anybody_had_begun_about_it_along(house: House) -> None:
    case, other = house.open(), house.open()
    for person, about in (("ann", case), ("arne", case), ("ann", other)):
        save(house, ODD, person=person, case=about)
    house.take(case, "withdraw")
    house.ask(Erase(ErasureReason.RETENTION), IMPORT_PARTY, case)
    assert [(row["person"], row["case_id"]) for row in house.rows("form_draft")] == [("ann", other)]


def test_of_more_than_a_person_may_keep_the_oldest_gives_way(house: House) -> None:
    save(house, ODD, person="arne")
    for number in range(MOST):
        house.clock.at += timedelta(seconds=1)
        save(house, ODD, case=f"c{number}")
    house.clock.at += timedelta(seconds=1)
    save(house, ODD, case="c0")
    assert len(house.rows("form_draft", person="ann")) == MOST
    save(house, ODD, case="new")
    assert len(house.rows("form_draft", person="ann")) == MOST
    left = [find(house, case=case) is not None for case in ("c0", "c1", "c2", "new")]
    assert left == [True, False, True, True]
    assert find(house, person="arne") is not None


def test_what_was_written_just_now_stays_although_all_were_written_at_one_instant(house: House) -> None:
    for number in range(MOST + 5):
        save(house, ODD, case=f"{number:03}")
        assert find(house, case=f"{number:03}") is not None
    assert len(house.rows("form_draft")) == MOST


@pytest.mark.parametrize("given", [{"reason": ["x" * (LONGEST + 1)]}, {f"f.{n}": ["x" * 1000] for n in range(300)}])
def test_one_that_is_too_long_is_refused_with_a_word(house: House, given: dict[str, list[str]]) -> None:
    with pytest.raises(BadFields, match="too long"):
        save(house, given)
    assert find(house) is None
