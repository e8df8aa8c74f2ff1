"""Settings: read once, every one documented, and no secret in any error."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.docs import DOCS, settings_page
from service.settings import PREFIX, Environment, Settings, SettingsWrong

CONTRACT = (
    "DATABASE_URL", "SECRET_KEY", "BASE_URL", "TEST_CLOCK", "SMTP_URL", "INSTITUTION", "TICK_SECONDS",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and no `.env` of theirs."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_settings_of_the_contract_are_there() -> None:
    assert {name.lower() for name in CONTRACT} <= set(Settings.model_fields)
    assert Settings.read().database_url == "sqlite:///fardplan.db"


def test_every_setting_says_what_it_is_for() -> None:
    short = [name for name, field in Settings.model_fields.items() if len(field.description or "") < 20]
    assert short == []


def test_the_page_of_settings_is_the_one_the_code_makes() -> None:
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_the_environment_stands_before_the_file_and_options_before_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("FARDPLAN_PORT=8001\nFARDPLAN_HOST=0.0.0.0\nOTHER=1\nFARDPLAN_SMTP_URL=\n")
    monkeypatch.setenv("FARDPLAN_PORT", "8002")
    assert (Settings.read().host, Settings.read().port) == ("0.0.0.0", 8002)
    assert Settings.read(port=8003).port == 8003
    assert Settings.read().smtp_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("TICK_SECONDS", "-7"),
        ("BASE_URL", "umu.se"),
        ("TEST_CLOCK", "perhaps"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    with pytest.raises(SettingsWrong, match=f"{PREFIX}{name}: ") as wrong:
        Settings.read()
    assert value not in str(wrong.value) or name == "BASE_URL"


def test_secrets_are_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARDPLAN_SECRET_KEY", "hush-hush")
    monkeypatch.setenv("FARDPLAN_SMTP_URL", "smtp://me:hush-hush@mail.umu.se")
    monkeypatch.setenv("FARDPLAN_DATABASE_URL", "postgresql+psycopg://me:hush-hush@db/fardplan")
    assert "hush-hush" not in repr(Settings.read()) + str(Settings.read())


@pytest.mark.parametrize("given", [None, "", "   "])
def test_a_missing_secret_is_said_with_a_way_to_make_one(monkeypatch: pytest.MonkeyPatch, given: str | None) -> None:
    if given is not None:
        monkeypatch.setenv("FARDPLAN_SECRET_KEY", given)
    with pytest.raises(SettingsWrong, match="FARDPLAN_SECRET_KEY is not set"):
        Settings.read().must_have_secret()


def test_the_demo_makes_a_secret_of_its_own_and_keeps_a_given_one() -> None:
    first, second = (Settings.read().with_own_secret().must_have_secret() for _ in range(2))
    assert first != second
    assert Settings.read(secret_key="mine").with_own_secret().must_have_secret() == "mine"


def test_settings_written_to_the_environment_are_read_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Settings.read(
        secret_key="mine", environment=Environment.DEMO, test_clock=True, mailbox=Path("post"), port=8123
    )
    for name, value in made.as_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.read() == made


def test_mail_is_sent_from_the_institution_unless_told_otherwise() -> None:
    assert Settings.read(institution="lu.se").sender == "fardplan@lu.se"
    assert Settings.read(from_address="international@lu.se").sender == "international@lu.se"


def test_links_do_not_get_two_slashes() -> None:
    assert Settings.read(base_url="https://fardplan.umu.se/").base_url == "https://fardplan.umu.se"
