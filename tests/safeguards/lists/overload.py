"""That a process takes no more than it can, waits for nothing without end, and finishes what it took."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_ADMITTING = "service/admitting.py"
_COMMITTING = "service/committing.py"
_OVERLOAD = "tests/service/test_overload.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="line of steps ends",
        promise=Promise.OUTSIDE,
        protects="who comes too many is told at once, and nobody waits without end",
        file=_COMMITTING,
        out="if self.waiting >= self._longest:",
        instead="if False:",
        noticed_by=(
            f"{_OVERLOAD}::test_of_more_steps_than_may_wait_the_last_are_told_at_once_and_the_others_are_taken",
        ),
    ),
    Safeguard(
        name="few trials of one person at a time",
        promise=Promise.OUTSIDE,
        protects="one person's long lists do not keep everybody else from writing",
        file="service/trials.py",
        out="if self._under_way[caller] >= MOST:",
        instead="if False:",
        noticed_by=("tests/service/test_one_against_many.py::test_one_person_tries_few_long_lists_at_a_time",),
    ),
    Safeguard(
        name="line of other work ends",
        promise=Promise.OUTSIDE,
        protects="so with all else that changes something",
        file=_COMMITTING,
        out="            if bounded:\n",
        instead="            if False:\n",
        noticed_by=(f"{_OVERLOAD}::test_other_work_of_the_committer_waits_in_the_same_bounds",),
    ),
    Safeguard(
        name="line of threads ends",
        promise=Promise.OUTSIDE,
        protects="so where threads ask for steps",
        file="engine/gathering.py",
        out="elif len(self._line) >= self._longest:",
        instead="elif False:",
        noticed_by=(f"{_OVERLOAD}::test_of_more_threads_than_may_wait_for_a_group_the_last_are_told_at_once",),
    ),
    Safeguard(
        name="lanes end",
        promise=Promise.OUTSIDE,
        protects="a full house takes nobody in",
        file="service/load.py",
        out="if self.under_way[lane] >= self._most[lane]:",
        instead="if False:",
        noticed_by=(f"{_OVERLOAD}::test_when_the_house_is_full_the_next_is_told_so_and_health_is_asked_past_the_line",),
    ),
    Safeguard(
        name="lanes apart",
        promise=Promise.OUTSIDE,
        protects="reading does not stand in the way of changing",
        file=_ADMITTING,
        out="        return Lane.SENDING\n",
        instead="        return Lane.READ\n",
        noticed_by=(f"{_OVERLOAD}::test_when_the_house_is_full_the_next_is_told_so_and_health_is_asked_past_the_line",),
    ),
    Safeguard(
        name="room given back",
        promise=Promise.OUTSIDE,
        protects="who is answered makes room",
        file=_ADMITTING,
        out=(
            "        if not self._left:\n"
            "            self._load.leave(self._lane)\n"
            "        if self._late is not None:\n"
            "            await"
        ),
        instead=("        if self._late is not None:\n            await"),
        noticed_by=(f"{_OVERLOAD}::test_a_reader_that_does_not_read_holds_nothing",),
    ),
    Safeguard(
        name="health past all lines",
        promise=Promise.OUTSIDE,
        protects="whoever keeps the service running is answered however full it is",
        file=_ADMITTING,
        out='scope["type"] != "http" or scope["path"] in ASIDE:',
        instead='scope["type"] != "http":',
        noticed_by=(f"{_OVERLOAD}::test_when_the_house_is_full_the_next_is_told_so_and_health_is_asked_past_the_line",),
    ),
    Safeguard(
        name="threads of health's own",
        promise=Promise.OUTSIDE,
        protects="and though every thread of the readers is taken",
        file="service/load.py",
        out="return await asyncio.get_running_loop().run_in_executor(self._aside, work)",
        instead='return await __import__("anyio.to_thread", fromlist=["run_sync"]).run_sync(work)',
        noticed_by=(f"{_OVERLOAD}::test_health_and_metrics_answer_while_every_thread_is_taken",),
    ),
    Safeguard(
        name="time for a body",
        promise=Promise.OUTSIDE,
        protects="a body that does not come holds nothing",
        file=_ADMITTING,
        out="asyncio.timeout_at(self._body_by)",
        instead="asyncio.timeout_at(None)",
        noticed_by=(f"{_OVERLOAD}::test_a_body_that_does_not_come_is_not_waited_for",),
    ),
    Safeguard(
        name="place of who still sends",
        promise=Promise.OUTSIDE,
        protects="nor does one that comes slowly",
        file=_ADMITTING,
        out="return Lane.SENDING\n",
        instead="return Lane.CHANGE\n",
        noticed_by=(f"{_OVERLOAD}::test_whoever_still_sends_takes_no_place_of_those_who_have",),
    ),
    Safeguard(
        name="time for an answer",
        promise=Promise.OUTSIDE,
        protects="whoever waits is told in time that nobody knows yet",
        file=_ADMITTING,
        out="None if lane is Lane.STREAM else loop.call_later(patience.answer, self._give_up)",
        instead="None",
        noticed_by=(f"{_OVERLOAD}::test_what_takes_too_long_is_answered_and_goes_on_to_its_end",),
    ),
    Safeguard(
        name="outcome unknown",
        promise=Promise.DURABLE,
        protects="of a change that took too long it is not said that nothing was changed",
        file=_ADMITTING,
        out="OutcomeUnknown() if self._changes else TookTooLong()",
        instead="TookTooLong()",
        noticed_by=(f"{_OVERLOAD}::test_what_takes_too_long_is_answered_and_goes_on_to_its_end",),
    ),
    Safeguard(
        name="one answer",
        promise=Promise.ONCE,
        protects="what comes after the time is not sent as a second answer",
        file=_ADMITTING,
        out=("        if self._late is not None:\n            return\n"),
        instead="",
        noticed_by=(f"{_OVERLOAD}::test_what_takes_too_long_is_answered_and_goes_on_to_its_end",),
    ),
    Safeguard(
        name="time for a reader",
        promise=Promise.OUTSIDE,
        protects="a reader that does not read holds nothing",
        file=_ADMITTING,
        out="asyncio.timeout(self._patience.reader)",
        instead="asyncio.timeout(None)",
        noticed_by=(f"{_OVERLOAD}::test_a_reader_that_does_not_read_holds_nothing",),
    ),
)
