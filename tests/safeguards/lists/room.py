"""That a poisoned case stops itself alone: too many facts, a ring of follow-ups, a condition without end."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_ROOM = "tests/engine/test_room.py"
_RING = "tests/engine/test_follow_up_ring.py"
_ENDING = "tests/engine/test_ending.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="facts have an end",
        promise=Promise.OUTSIDE,
        protects="no case grows until it makes all others slow",
        file="engine/cases.py",
        out="return within_room(self.catalogue, snapshot, decided)",
        instead="return decided",
        noticed_by=(f"{_ROOM}::test_a_step_that_would_leave_too_much_is_refused",),
    ),
    Safeguard(
        name="what is too large may become smaller",
        promise=Promise.REFUSED,
        protects="a case from before the bound can be put right",
        file="engine/room.py",
        out=" and (before is None or size > size_of(before.facts))",
        instead="",
        noticed_by=(f"{_ROOM}::test_what_was_larger_before_can_be_read_led_on_and_made_smaller",),
    ),
    Safeguard(
        name="follow-ups have an end",
        promise=Promise.OUTSIDE,
        protects="a ring of follow-ups is told as what it is",
        file="engine/advance.py",
        out="    if work.depth > DEEPEST:\n",
        instead="    if False:\n",
        noticed_by=(f"{_RING}::test_a_step_is_refused_in_words_that_say_what_to_do_and_changes_nothing",),
    ),
    Safeguard(
        name="given up at its very end",
        promise=Promise.OUTSIDE,
        protects="a decision that was made in that moment is told, and its thread goes on undisturbed",
        file="engine/ending.py",
        out="        except _Stop:  # left",
        instead="        except ZeroDivisionError:  # left",
        noticed_by=(f"{_ENDING}::test_what_is_done_in_the_very_moment_in_which_it_is_given_up_is_done",),
    ),
    Safeguard(
        name="processor time and not the wall's",
        promise=Promise.RUNG,
        protects="a machine that stood still ends nothing that is sound",
        file="engine/ending.py",
        out="time.clock_gettime(time.pthread_getcpuclockid(thread))",
        instead="time.monotonic()",
        noticed_by=(f"{_ENDING}::test_a_thread_that_only_waits_is_left_alone",),
    ),
)
