"""That a step is decided on what is so by then, at an instant that comes after it, and answered as it is left."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_BATCHING = "engine/batching.py"
_BOARD = "engine/board.py"
_ANSWERS = "tests/service/test_answers.py"
_ANSWERED = "tests/engine/test_answered.py"
_CLOCKS = "tests/engine/test_wrong_clocks.py"
_LINKS = "tests/engine/test_batching_links.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="what earlier steps of a batch changed",
        promise=Promise.PARENTS,
        protects="a guard sees a linked case as the steps before it in the same batch left that",
        file=_BATCHING,
        out="self.board.note(decision)",
        instead="pass",
        noticed_by=(f"{_LINKS}::test_what_an_earlier_step_of_the_batch_made_wrong_stops_a_later_one",),
    ),
    Safeguard(
        name="batch ends where more must be read",
        promise=Promise.PARENTS,
        protects="no step of a batch is decided on less than reading for it alone would find",
        file=_BOARD,
        out="if not followed.issuperset(edge):",
        instead="if False:",
        noticed_by=("tests/engine/test_board.py::test_a_tie_to_what_was_read_for_another_kind_of_step_ends_the_batch",),
    ),
    Safeguard(
        name="rows taken away written apart",
        promise=Promise.PARENTS,
        protects="what one step of a batch wrote down and a later one erased is gone",
        file=_BATCHING,
        out="takes_away = bool(decision.unlinked or decision.erased)",
        instead="takes_away = False",
        noticed_by=(f"{_LINKS}::test_what_a_step_of_the_batch_wrote_down_is_erased_by_a_later_one",),
    ),
    Safeguard(
        name="no step before what it was decided on",
        promise=Promise.LINEAR,
        protects="a slow clock lets no time go back in a history",
        file="engine/cases.py",
        out="now=after(reading.cases.values(), now),",
        instead="now=now,",
        noticed_by=(f"{_CLOCKS}::test_a_slow_clock_lets_no_time_go_back_in_a_history",),
    ),
    Safeguard(
        name="no step of a batch before what it was decided on",
        promise=Promise.LINEAR,
        protects="nor in a batch",
        file=_BOARD,
        out="now=after(cases.values(), now),",
        instead="now=now,",
        noticed_by=(f"{_CLOCKS}::test_a_slow_clock_lets_no_time_go_back_in_a_batch",),
    ),
    Safeguard(
        name="no step before a linked case it was decided on",
        promise=Promise.LINEAR,
        protects="nor before a case that was only looked at",
        file="engine/cases.py",
        out="now=after(reading.cases.values(), now),",
        instead="now=after([reading.cases[request.case]] if request.case in reading.cases else [], now),",
        noticed_by=(f"{_CLOCKS}::test_a_step_comes_after_the_linked_case_it_was_decided_on",),
    ),
    Safeguard(
        name="who may read a case, after a step",
        promise=Promise.RIGHTS,
        protects="a step is answered to those who may read the case it leaves",
        file="engine/queries.py",
        out=("        lens = Lens(self.cases.catalogue, left)\n        if not rights.may_read(lens, person, case):"),
        instead=("        lens = Lens(self.cases.catalogue, left)\n        if False:"),
        noticed_by=(f"{_ANSWERS}::test_steps_taken_together_are_each_answered_as_reading_says",),
    ),
    Safeguard(
        name="answer judged on the case as it is left",
        promise=Promise.RIGHTS,
        protects="what may be done next is judged on the case after the step, and not before it",
        file="engine/drafts.py",
        out="return replace(self.snapshot, cases={**self.snapshot.cases, case.id: case})",
        instead="return self.snapshot",
        noticed_by=(f"{_ANSWERED}::test_a_guard_that_looks_back_at_its_own_case_sees_it_as_the_step_left_it",),
    ),
    Safeguard(
        name="answer read anew where other cases changed",
        promise=Promise.RIGHTS,
        protects="where a step changed what lies around its case, the answer is read",
        file="engine/drafts.py",
        out="if len(cases) > 1 or self.opened or draft.linked or draft.unlinked:",
        instead="if False:",
        noticed_by=(f"{_ANSWERED}::test_where_other_cases_moved_with_a_step_they_are_seen_where_they_are_now",),
    ),
    Safeguard(
        name="all that an answer may look at read with its step",
        promise=Promise.RIGHTS,
        protects="an answer is judged on all that judging may look at",
        file="engine/planning.py",
        out="if request.shown and request.case is not None:",
        instead="if False:",
        noticed_by=(f"{_ANSWERED}::test_what_the_answer_looks_at_is_read_with_a_step_that_does_not_look_at_it",),
    ),
    Safeguard(
        name="deadlines that had ended, in an answer",
        promise=Promise.REPLAY,
        protects="the answer to a step shows the deadlines that reading shows",
        file="engine/queries.py",
        out="newest = shown_cases.ended_by(self.cases.store, institution, case.id, outcome.sequence)",
        instead="newest: dict[str, Any] = {}",
        noticed_by=(f"{_ANSWERS}::test_every_change_over_http_answers_what_reading_the_case_says",),
    ),
    Safeguard(
        name="a repeated step answered as it was",
        promise=Promise.ONCE,
        protects="a key that comes again is answered with the case as the step left it",
        file="service/changing.py",
        out="if seen.case.version == outcome.sequence:",
        instead="if True:",
        noticed_by=("tests/service/test_steps.py::test_a_repeated_key_answers_the_event_again_and_the_case_as_of_it",),
    ),
)
