"""That a rung which cannot be fired holds nobody else up, is tried again, and is forgotten when it is over."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_TICKING = "engine/ticking.py"
_ROWS = "engine/store/stuck_rows.py"
_POISONED = "tests/engine/test_poisoned.py"
_STUCK = "tests/engine/test_stuck_rungs.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="stuck rung put off",
        promise=Promise.RUNG,
        protects="a rung that failed is not tried at every tick",
        file=_TICKING,
        out="if now < tried.next_try <= until}",
        instead="if False}",
        noticed_by=(f"{_POISONED}::test_a_rung_that_fails_is_tried_again_ever_more_seldom",),
    ),
    Safeguard(
        name="stuck rung kept",
        promise=Promise.RUNG,
        protects="that a rung could not be fired is kept for whoever keeps the office running",
        file=_TICKING,
        out="self._put_off(connection, due, result, stuck)",
        instead="pass",
        noticed_by=(f"{_POISONED}::test_a_rung_that_fails_is_tried_again_ever_more_seldom",),
    ),
    Safeguard(
        name="stuck rung put off ever longer",
        promise=Promise.RUNG,
        protects="what fails again and again costs ever less",
        file=_TICKING,
        out="FIRST_PAUSE * (1 << min(attempts - 1, 20))",
        instead="FIRST_PAUSE * 1",
        noticed_by=(f"{_POISONED}::test_a_rung_that_fails_is_tried_again_ever_more_seldom",),
    ),
    Safeguard(
        name="longest pause of a stuck rung",
        promise=Promise.RUNG,
        protects="what has been mended is tried again within hours",
        file=_TICKING,
        out="FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)",
        instead="FIRST_PAUSE * (1 << min(attempts - 1, 20)), timedelta.max)",
        noticed_by=(f"{_POISONED}::test_it_is_tried_at_least_every_six_hours",),
    ),
    Safeguard(
        name="stuck rung put off by a fast clock",
        promise=Promise.RUNG,
        protects="a node whose clock was fast puts nothing off for days",
        file=_TICKING,
        out="if now < tried.next_try <= until}",
        instead="if now < tried.next_try}",
        noticed_by=(f"{_POISONED}::test_what_a_fast_clock_put_off_is_tried_when_it_is_time",),
    ),
    Safeguard(
        name="what cannot be written with others fired alone",
        promise=Promise.RUNG,
        protects="one case that cannot be written takes no other rung of its batch with it",
        file=_TICKING,
        out="if len(found) > 1:",
        instead="if False:",
        noticed_by=(f"{_POISONED}::test_what_cannot_be_written_with_others_is_found_and_put_off_alone",),
    ),
    Safeguard(
        name="database away puts nothing off",
        promise=Promise.RUNG,
        protects="no case is blamed for a database that is away",
        file=_TICKING,
        out="if isinstance(error, EngineError) or outage_of(error) is not None:",
        instead="if False:",
        noticed_by=(f"{_POISONED}::test_a_database_that_is_away_puts_nothing_off",),
    ),
    Safeguard(
        name="somebody faster puts nothing off",
        promise=Promise.RUNG,
        protects="nor for somebody who was faster",
        file=_TICKING,
        out="return not isinstance(error, StaleCase | Busy) and",
        instead="return",
        noticed_by=(f"{_STUCK}::test_a_rung_that_somebody_else_fired_or_has_in_hand_is_not_stuck",),
    ),
    Safeguard(
        name="stuck rung forgotten when fired",
        promise=Promise.RUNG,
        protects="what was mended and fired is not listed any more",
        file=_TICKING,
        out="stuck_rows.forget(connection, [due for due in well if due.case in stuck])",
        instead="pass",
        noticed_by=(f"{_POISONED}::test_what_is_mended_climbs_its_whole_ladder_and_is_forgotten",),
    ),
    Safeguard(
        name="stuck rung that a step has overtaken, at a tick",
        promise=Promise.RUNG,
        protects="a case that a step has led on is held up no more",
        file=_ROWS,
        out="_stuck.c.next_try).where(_still()))",
        instead="_stuck.c.next_try))",
        noticed_by=(f"{_STUCK}::test_a_case_that_a_step_has_led_on_is_not_held_up",),
    ),
    Safeguard(
        name="stuck rung that a step has overtaken, in the list",
        promise=Promise.RUNG,
        protects="nobody is sent to mend what is over",
        file=_ROWS,
        out=".where(_stuck.c.institution == institution, _still())",
        instead=".where(_stuck.c.institution == institution)",
        noticed_by=(f"{_POISONED}::test_a_step_that_leads_the_case_on_frees_it_of_what_was_stuck",),
    ),
    Safeguard(
        name="stuck rung that a step has overtaken, in the metric",
        promise=Promise.RUNG,
        protects="nor is an alarm raised for it",
        file=_ROWS,
        out=".select_from(_stuck).where(_still())",
        instead=".select_from(_stuck)",
        noticed_by=(f"{_STUCK}::test_what_is_over_is_counted_and_tidied_and_what_is_stuck_stays",),
    ),
    Safeguard(
        name="stuck rung that is not over stays",
        promise=Promise.RUNG,
        protects="tidying forgets nothing that still holds a case up",
        file=_ROWS,
        out="_stuck.delete().where(~_still())",
        instead="_stuck.delete()",
        noticed_by=(f"{_STUCK}::test_what_is_over_is_counted_and_tidied_and_what_is_stuck_stays",),
    ),
    Safeguard(
        name="institution of stuck rungs listed",
        promise=Promise.APART,
        protects="what is stuck elsewhere is nobody's business here",
        file=_ROWS,
        out=".where(_stuck.c.institution == institution, _still())",
        instead=".where(_still())",
        noticed_by=(f"{_POISONED}::test_the_list_says_which_case_since_when_and_what_without_a_word_of_anybodys",),
    ),
    Safeguard(
        name="institution of a stuck rung tried again",
        promise=Promise.APART,
        protects="nobody has the cases of another institution tried again",
        file=_ROWS,
        out="    mine = (_stuck.c.institution == institution, _stuck.c.case_id == case)\n",
        instead="    mine = (_stuck.c.case_id == case,)\n",
        noticed_by=(f"{_STUCK}::test_nobody_has_the_case_of_another_institution_tried_again",),
    ),
    Safeguard(
        name="no words of people in a fault",
        promise=Promise.OUTSIDE,
        protects="what is listed of a fault is its kind and place, and nothing that anybody wrote",
        file="engine/faulty.py",
        out="return type(origin).__name__ + where",
        instead="return repr(origin) + where",
        noticed_by=(f"{_POISONED}::test_the_list_says_which_case_since_when_and_what_without_a_word_of_anybodys",),
    ),
)
