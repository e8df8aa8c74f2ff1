"""That a file that is packed, wide, long or deep beyond all use fills no memory and no disk."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_WORKBOOK = "adapters/tables_xlsx.py"
_CSV = "adapters/tables_csv.py"
_ON_WORKBOOKS = "tests/adapters/test_tables_xlsx.py"
_ON_CSV = "tests/adapters/test_tables_csv.py"
_ON_XES = "tests/adapters/eventlogs/test_xes.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="workbook that unpacks a thousandfold",
        promise=Promise.OUTSIDE,
        protects="a small workbook that unpacks to a large one is not unpacked",
        file=_WORKBOOK,
        out="        or (unpacked > RATIO_FROM and unpacked > packed * HIGHEST_RATIO)\n",
        instead="",
        noticed_by=(f"{_ON_WORKBOOKS}::test_workbook_that_unpacks_a_thousandfold_is_refused_unread",),
    ),
    Safeguard(
        name="size of a workbook unpacked",
        promise=Promise.OUTSIDE,
        protects="nor is one whose parts are too large together",
        file=_WORKBOOK,
        out="        or unpacked > LARGEST_UNPACKED\n",
        instead="",
        noticed_by=(f"{_ON_WORKBOOKS}::test_package_of_many_large_parts_is_refused_by_its_list_of_contents",),
    ),
    Safeguard(
        name="shared texts of a workbook",
        promise=Promise.OUTSIDE,
        protects="texts that are held while a workbook is read are bounded",
        file=_WORKBOOK,
        out="if package.getinfo(part).file_size > LARGEST_STRINGS:",
        instead="if False:",
        noticed_by=(f"{_ON_WORKBOOKS}::test_shared_texts_too_large_to_hold_are_refused",),
    ),
    Safeguard(
        name="size of a packed CSV file",
        promise=Promise.OUTSIDE,
        protects="a packed list is unpacked to a bound",
        file=_CSV,
        out="if unpacked > largest:",
        instead="if False:",
        noticed_by=(f"{_ON_CSV}::test_packed_file_that_unpacks_to_too_much_is_refused",),
    ),
    Safeguard(
        name="length of a CSV line",
        promise=Promise.OUTSIDE,
        protects="a line that does not end is refused",
        file=_CSV,
        out="if len(line) == LONGEST_LINE:",
        instead="if False:",
        noticed_by=(f"{_ON_CSV}::test_endless_line_is_refused",),
    ),
    Safeguard(
        name="columns of a CSV file",
        promise=Promise.OUTSIDE,
        protects="a list wider than any is refused",
        file=_CSV,
        out="if len(headers) > MOST_COLUMNS:",
        instead="if False:",
        noticed_by=(f"{_ON_CSV}::test_more_columns_than_any_list_has_are_refused",),
    ),
    Safeguard(
        name="columns of a workbook",
        promise=Promise.OUTSIDE,
        protects="so is such a workbook",
        file="adapters/tables_sheet.py",
        out="if self._at < MOST_COLUMNS:",
        instead="if True:",
        noticed_by=(f"{_ON_WORKBOOKS}::test_header_row_wider_than_any_list_is_refused",),
    ),
    Safeguard(
        name="size of a packed event log",
        promise=Promise.OUTSIDE,
        protects="a log is unpacked to a bound",
        file="adapters/eventlogs/files.py",
        out="if self._left < 0:",
        instead="if False:",
        noticed_by=(f"{_ON_XES}::test_a_packed_file_that_never_ends_or_is_cut_is_refused",),
    ),
    Safeguard(
        name="weight of a case in an event log",
        promise=Promise.OUTSIDE,
        protects="no case of a log fills the memory",
        file="adapters/eventlogs/xes_reading.py",
        out="        self._weight += OVERHEAD + sum(map(len, attributes.values()))\n",
        instead="",
        noticed_by=(f"{_ON_XES}::test_a_case_heavier_than_any_is_refused_before_it_fills_the_memory",),
    ),
    Safeguard(
        name="depth of an event log",
        promise=Promise.OUTSIDE,
        protects="no log is nested without end",
        file="adapters/eventlogs/xes_reading.py",
        out="if len(self._open) > DEEPEST:",
        instead="if False:",
        noticed_by=(f"{_ON_XES}::test_what_no_system_writes_is_refused_with_words",),
    ),
    Safeguard(
        name="size of an item of an event log",
        promise=Promise.OUTSIDE,
        protects="no item of a log fills the memory",
        file="adapters/eventlogs/json_items.py",
        out="if len(self._buffer) - self._at > LONGEST:",
        instead="if False:",
        noticed_by=("tests/adapters/eventlogs/test_ocel.py::test_one_item_larger_than_any_is_refused",),
    ),
)
