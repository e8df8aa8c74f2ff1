"""All settings, from the environment (FARDPLAN_…) or the file `.env` where the service starts.

Each setting says what it is for; docs/settings.md is made from these words.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.errors import EngineError

PREFIX = "FARDPLAN_"


class Environment(StrEnum):
    """What the installation is for."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsWrong(EngineError):
    """A setting is missing or cannot be understood."""


class Settings(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,  # an empty line in `.env` means: not set
        extra="ignore",  # `.env` may hold what other programs read
        frozen=True,
    )

    database_url: str = Field(
        default="sqlite:///fardplan.db",
        repr=False,  # it may hold a password
        description="Where everything is kept: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Proves that a form sent to the pages came from one of them. Long and random, the same in all "
        "processes, and kept secret; make one with "
        '`python -c "import secrets; print(secrets.token_urlsafe(48))"`. Production does not start without it; the '
        "demo makes its own.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        description="Where people reach the service; links in mails begin with it. With `https://` the session "
        "cookie is sent over encrypted connections only.",
    )
    institution: str = Field(
        default="umu.se",
        min_length=1,
        description="The institution this installation works for: its domain, which is also the code of its root unit.",
    )
    environment: Environment = Field(
        default=Environment.PRODUCTION,
        description="What the installation is for: `production`, `demo` or `test`.",
    )
    test_clock: bool = Field(
        default=False,
        description="Lets the clock stand still in the database and be moved by an administrator. For trials and "
        "tests only: with it deadlines do not run by themselves.",
    )
    read_only: bool = Field(
        default=False,
        description="Lets everything be read and nothing be changed: every change is answered 503, deadlines and mails "
        "rest. Who is signed in and who reads a case is still noted. For the time around an upgrade or a restore.",
    )
    session_hours: Annotated[int, Field(ge=1, le=24 * 90)] = Field(
        default=12,
        description="For how many hours without use somebody stays signed in to the pages.",
    )
    mail_link_days: Annotated[int, Field(ge=0, le=60)] = Field(
        default=7,
        description="For how many days the link in a notification signs its recipient in, once; 0: never, people "
        "then ask for a link when they open the page. Whoever a mail is forwarded to could use its link.",
    )
    token_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=90,
        description="For how many days an access token is good when no last day is named; without end where there is "
        "a test clock.",
    )
    token_longest_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=366,
        description="For how many days at most an access token may be good.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="The mail server: `smtp://HOST`, `smtps://USER:PASSWORD@HOST`; options `?starttls=required`, "
        "`?starttls=never`, `?ca=FILE`. Without it mails are written as files into the mailbox folder.",
    )
    mailbox: Path = Field(
        default=Path("mailbox"),
        description="The folder that mails are written into where there is no mail server.",
    )
    from_address: str | None = Field(
        default=None,
        description="The address mails are sent from; without it `fardplan@` and the institution.",
    )
    checkpoint_folder: Path = Field(
        default=Path("audit"),
        description="The folder that checkpoints of the history and the public key are written into, for auditors. "
        "Best on another machine's disk: what lies there proves the history against whoever rules the database.",
    )
    audit_key: Path = Field(
        default=Path("audit-key.pem"),
        description="The file with the private key that signs checkpoints; make it with `fardplan audit-key new`. "
        "Without it nothing is sealed. Keep it out of the database and out of the checkpoint folder.",
    )
    audit_mail: str | None = Field(
        default=None,
        description="Addresses of auditors, with commas between them, that get the newest checkpoint once a day.",
    )
    audit_webhook: SecretStr | None = Field(
        default=None,
        description="A web address, `https://…`, that each checkpoint is posted to as text.",
    )
    seal_seconds: Annotated[float, Field(gt=0, le=86_400)] = Field(
        default=60.0,
        description="How often each process looks for events that are not sealed yet, in seconds.",
    )
    tick_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=5.0,
        description="How often each process looks for deadlines and mails that are due, in seconds.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address `fardplan serve` listens on; `0.0.0.0` for all.",
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=8000,
        description="The port `fardplan serve` listens on.",
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1,
        description="How many processes `fardplan serve` starts. On SQLite their writes take turns.",
    )
    pool_size: Annotated[int, Field(ge=1, le=200)] = Field(
        default=16,
        description="How many connections to PostgreSQL each process keeps open for each of its two pools.",
    )
    requests_at_once: Annotated[int, Field(ge=4, le=10_000)] = Field(
        default=250,
        description="How many requests that read each process has in hand at once, and as many that change something; "
        "whoever comes then is told to come again in a moment (503 `busy`).",
    )
    request_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=30.0,
        description="How long a request may take, in seconds; then it is answered with 503, and of a change that it is "
        "not known whether it was made.",
    )
    body_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=15.0,
        description="How long the body of a request may take to come, in seconds; then it is answered with 408.",
    )
    statement_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=25.0,
        description="How long `serve` lets one statement run on PostgreSQL, in seconds; other commands wait for theirs "
        "to end.",
    )
    lock_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=20.0,
        description="How long is waited for what somebody else holds in the database, and for a free connection to it, "
        "in seconds.",
    )
    stop_seconds: Annotated[float, Field(ge=5, le=3600)] = Field(
        default=40.0,
        description="Within how many seconds a process ends that was asked to stop (SIGTERM). Four fifths of them are "
        "for requests under way, so `FARDPLAN_REQUEST_SECONDS` is cut to that; let the service manager wait longer.",
    )
    api_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0,
        description="How many requests a minute one access token or session may send to the API, at one process; 0: as "
        "many as it likes.",
    )
    search_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=300,
        description="How many searches by words a minute one access token or session may ask for, at one process; 0: "
        "as many as it likes. An installation for tests has no such limit unless it is set.",
    )
    export_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=60,
        description="How many files (CSV, Excel, PDF, ZIP) and checks of a history a minute; otherwise as for "
        "searches.",
    )
    sign_in_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=60,
        description="How many times a minute somebody at one network address may ask for a link to sign in with or use "
        "one; otherwise as for searches. Fewer links than that are sent in an hour.",
    )
    workflows: Path | None = Field(
        default=None,
        description="One more folder of workflow files, beside those that come with Färdplan; replaced files in its "
        "`past`, changed ones that are to be tried in its `next`. A file named like one that comes along stands in its "
        "place.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO,
        description="How much is logged: `debug`, `info`, `warning` or `error`.",
    )

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read environment and `.env`; what is given stands before them.

        Raises SettingsWrong, naming each setting and never its value.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            lines = [
                f"{PREFIX}{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
                for fault in error.errors(include_input=False, include_url=False)
            ]
            raise SettingsWrong("\n".join(lines)) from None

    def as_environment(self) -> dict[str, str]:
        """The settings as environment variables, for processes that are started with them."""
        # `.env` is read by those processes too, but the environment stands before it.
        return {
            f"{PREFIX}{name.upper()}": _written(value)
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }

    def with_own_secret(self) -> Self:
        """These settings with a secret of their own, where none was given: for the demo."""
        if self.secret_key is not None:
            return self
        return self.model_copy(update={"secret_key": SecretStr(secrets.token_urlsafe(48))})

    @property
    def finishing_seconds(self) -> float:
        """How long requests under way are waited for where the process is to end; the rest is for what comes after."""
        return self.stop_seconds * 0.8

    @property
    def session_cookie(self) -> str:
        """The name of the session's cookie; `__Host-` binds it to this host over HTTPS (RFC 6265bis 4.1.3)."""
        return "__Host-fardplan" if self.base_url.startswith("https://") else "fardplan"

    @property
    def sender(self) -> str:
        """The address mails are sent from."""
        return self.from_address or f"fardplan@{self.institution}"

    def must_have_secret(self) -> str:
        """The secret key. Raises SettingsWrong, with words on how to make one, where it is missing."""
        if self.secret_key is None or not self.secret_key.get_secret_value().strip():
            raise SettingsWrong(
                f"{PREFIX}SECRET_KEY is not set. The forms of the pages are proved with it, so the service does not "
                'start without it. Make one with  python -c "import secrets; print(secrets.token_urlsafe(48))"  and '
                "put it into the environment or into .env."
            )
        return self.secret_key.get_secret_value()


def _written(value: object) -> str:
    """A setting's value as it stands in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
