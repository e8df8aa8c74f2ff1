"""Counts how many cases break each DECLARE template by pm4py, for tests/engine/declare/test_against_pm4py.py.

Run with an interpreter that has pm4py (AGPL: in an environment of its own, never a dependency):
`python declare_counts.py FOLDER_OF_LOGS > ../engine/declare/pm4py_counts.json`. The six commonest
activities of each log are taken, and every pair of them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

LOGS = (
    "bpic2020_DomesticDeclarations.xes.gz", "wabo_receipt.xes.gz", "roadtraffic100traces.xes", "running-example.xes",
)  # fmt: skip
OF_ONE = ("existence", "absence", "exactly_one", "init")
OF_TWO = (
    "responded_existence", "response", "precedence", "succession", "altresponse", "altprecedence", "altsuccession",
    "chainresponse", "chainprecedence", "chainsuccession", "coexistence", "noncoexistence", "nonsuccession",
    "nonchainsuccession",
)  # fmt: skip
MOST = 6


def counted(path: Path) -> dict[str, Any]:
    """The activities, and by template a row of counts, or a table of them (first by then; null on its diagonal)."""
    log = import_module("pm4py").read_xes(str(path))
    traces = [list(case["concept:name"]) for _, case in log.groupby("case:concept:name", sort=False)]
    names = [name for name, _ in Counter(name for trace in traces for name in trace).most_common(MOST)]
    asked: dict[str, dict[Any, Any]] = {template: {name: {} for name in names} for template in OF_ONE}
    for template in OF_TWO:
        asked[template] = {(one, other): {} for one in names for other in names if one != other}
    check = import_module("pm4py.algo.conformance.declare.variants.classic").apply_list
    # It may tell of one deviation twice.
    broken = Counter(
        each for case in check(traces, asked) for each in {(template, about) for template, about in case["deviations"]}
    )
    found: dict[str, Any] = {template: [broken[template, name] for name in names] for template in OF_ONE}
    for template in OF_TWO:
        found[template] = [
            [broken[template, (one, other)] if one != other else None for other in names] for one in names
        ]
    return {"cases": len(traces), "names": names, "broken": found}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    told = {"pm4py": version("pm4py"), "logs": {name: counted(folder / name) for name in LOGS}}
    json.dump(told, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()
