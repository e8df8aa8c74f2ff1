"""That bytes from outside do no harm, nor what we hand out."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_EXPORTS = "tests/adapters/test_exports.py::test_a_text_that_begins_like_a_formula_stays_text"
_XLSX = "tests/adapters/test_tables_xlsx.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="formulas in CSV",
        promise=Promise.OUTSIDE,
        protects="no cell of a list we hand out runs as a formula",
        file="adapters/exports.py",
        out='return f"\'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell',
        instead="return cell",
        noticed_by=(_EXPORTS,),
    ),
    Safeguard(
        name="formulas in XLSX",
        promise=Promise.OUTSIDE,
        protects="no cell of a workbook we hand out is a formula",
        file="adapters/exports.py",
        out="sheet.write_string(row, column, cell[:LONGEST_CELL],",
        instead="sheet.write(row, column, cell[:LONGEST_CELL],",
        noticed_by=(_EXPORTS,),
    ),
    Safeguard(
        name="document types in XML",
        promise=Promise.OUTSIDE,
        protects="no entity expands, and no other file is read",
        file="adapters/tables_xml.py",
        out="parser.StartDoctypeDeclHandler = _refuse_doctype",
        instead="pass",
        noticed_by=(f"{_XLSX}::test_expanding_entities_are_refused",),
    ),
    Safeguard(
        name="endless tag in XML",
        promise=Promise.OUTSIDE,
        protects="a tag that does not end fills no memory",
        file="adapters/tables_xml.py",
        out="if fed - parser.CurrentByteIndex > LONGEST_PIECE:",
        instead="if False:",
        noticed_by=(f"{_XLSX}::test_endless_tag_is_refused",),
    ),
    Safeguard(
        name="nesting without end in XML",
        promise=Promise.OUTSIDE,
        protects="elements inside one another fill no memory",
        file="adapters/tables_xml.py",
        out="if len(self._above) > DEEPEST:",
        instead="if False:",
        noticed_by=(f"{_XLSX}::test_part_nested_without_end_is_refused",),
    ),
    Safeguard(
        name="size of a table file",
        promise=Promise.OUTSIDE,
        protects="a file over the limit is refused before it is read",
        file="adapters/tables.py",
        out="if size > LARGEST_FILE:",
        instead="if False:",
        noticed_by=("tests/adapters/test_tables.py::test_file_over_the_limit_is_refused_before_it_is_read",),
    ),
    Safeguard(
        name="size of a body, API",
        promise=Promise.OUTSIDE,
        protects="no body fills the memory of the service",
        file="service/sent.py",
        out="        if size > LARGEST:\n",
        instead="        if False:\n",
        noticed_by=("tests/service/test_steps.py::test_no_body_is_too_strange_to_be_answered",),
    ),
    Safeguard(
        name="size of a form",
        promise=Promise.OUTSIDE,
        protects="no form fills the memory of the service",
        file="service/pages/posting.py",
        out="        if size > LARGEST:\n",
        instead="        if False:\n",
        noticed_by=("tests/pages/test_attacks_by_text.py::test_a_form_that_is_too_much_is_refused_at_once",),
    ),
    Safeguard(
        name="number of a form's fields",
        promise=Promise.OUTSIDE,
        protects="a form of a hundred thousand fields is not taken apart",
        file="service/pages/posting.py",
        out="keep_blank_values=True, max_num_fields=MOST_FIELDS)",
        instead="keep_blank_values=True)",
        noticed_by=("tests/pages/test_attacks_by_text.py::test_a_form_that_is_too_much_is_refused_at_once",),
    ),
    Safeguard(
        name="depth of JSON",
        promise=Promise.OUTSIDE,
        protects="what is nested without end is refused in words",
        file="service/sent.py",
        out="    if depth > DEEPEST:\n",
        instead="    if False:\n",
        noticed_by=("tests/service/test_sent.py::test_what_is_nested_without_end_is_refused_in_words",),
    ),
    Safeguard(
        name="size of a number in JSON",
        promise=Promise.OUTSIDE,
        protects="no number is kept that other programs read as another",
        file="service/sent.py",
        out="isinstance(value, int | float) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:",
        instead="value is ...:",
        noticed_by=("tests/service/test_sent.py::test_a_number_that_is_another_in_other_programs_is_refused",),
    ),
    Safeguard(
        name="lines in the head of a mail",
        promise=Promise.OUTSIDE,
        protects="nothing written by people adds a line to a mail's head",
        file="adapters/mail.py",
        out="    value = one_line(value)\n",
        instead="",
        noticed_by=("tests/adapters/test_mail.py::test_nothing_a_person_wrote_adds_a_header",),
    ),
    Safeguard(
        name="escaping in pages",
        promise=Promise.OUTSIDE,
        protects="what somebody wrote is shown as text, and is no part of the page",
        file="service/pages/rendering.py",
        out="autoescape=select_autoescape(default=True, default_for_string=True)",
        instead="autoescape=False",
        noticed_by=("tests/pages/test_safe_by_default.py::test_what_somebody_wrote_is_text_and_no_part_of_the_page",),
    ),
    Safeguard(
        name="what a browser may load",
        promise=Promise.OUTSIDE,
        protects="a page runs nothing that was written into it",
        file="service/pages/guarding.py",
        out='headers.setdefault("Content-Security-Policy", POLICY)',
        instead="pass",
        noticed_by=("tests/pages/test_signing_in.py::test_every_page_says_what_a_browser_may_do_with_it",),
    ),
)
