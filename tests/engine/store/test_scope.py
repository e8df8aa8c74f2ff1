"""Which cases somebody may read, as a condition on rows."""

from __future__ import annotations

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import readable


def test_no_scope_reaches_into_another_institution() -> None:
    everything = Scope("umu.se", "p", ("umu.se",), everything=True)
    written = str(readable(everything).compile(compile_kwargs={"literal_binds": True}))
    assert written == "case_record.institution = 'umu.se'"
    assert isinstance(readable(Scope("umu.se", "q", (), everything=False)), sa.ColumnElement)
