"""Asks pm4py which cases of a log break DECLARE constraints.

`.pm4py/bin/python tests/pm4py/declare.py LOG.xes < QUESTIONS`, where QUESTIONS
is a JSON list of [template, a, b] (b null where the template takes one activity); templates by
pm4py's names: existence, absence, exactly_one, init, responded_existence, coexistence, response,
precedence, succession, altresponse, altprecedence, altsuccession, chainresponse, chainprecedence,
chainsuccession, noncoexistence, nonsuccession, nonchainsuccession. The answer, in the same order:
[{"template", "a", "b", "fulfilled", "violated", "violating"}], counted over cases; `violating` are their names.
"""

from __future__ import annotations

import json
import sys

import pm4py  # type: ignore[import-not-found,unused-ignore]  # stands in an environment of its own
from pm4py.algo.conformance.declare import algorithm  # type: ignore[import-not-found,unused-ignore]


def main() -> int:
    """Answer every question over the log named."""
    log = pm4py.read_xes(sys.argv[1], return_legacy_log_object=True)
    names = [str(trace.attributes["concept:name"]) for trace in log]
    answers = []
    for template, a, b in json.load(sys.stdin):
        key = a if b is None else (a, b)
        found = algorithm.apply(log, {template: {key: {"support": 1, "confidence": 1}}})
        violating = [name for name, each in zip(names, found, strict=True) if each["deviations"]]
        answers.append(
            {
                "template": template,
                "a": a,
                "b": b,
                "fulfilled": len(names) - len(violating),
                "violated": len(violating),
                "violating": violating,
            }
        )
    json.dump(answers, sys.stdout, ensure_ascii=False, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
