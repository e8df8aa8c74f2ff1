"""Composes the house: every part built once, in plain sight, alike for production, demo and tests."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import workflows
from adapters.channels import channel_from
from adapters.checkpoints import FolderPlace, MailPlace, WebhookPlace
from adapters.signing import FileSigner
from adapters.system import NothingStandsThere, RandomJitter, SecretNonces, SystemClock, Uuid7
from engine import keeping
from engine.canonical import micros
from engine.carrying import Carrying
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.directory import Directory
from engine.doctor.examining import Doctor
from engine.erasures import Erasures
from engine.feeds import Feeds
from engine.form_drafts import FormDrafts
from engine.handing import Handing
from engine.history import History
from engine.insight import Insight
from engine.loading import SOURCE
from engine.lookups import Lookups
from engine.outbox import Outbox
from engine.ports import Channel, Clock, Place, Seams
from engine.queries import Queries
from engine.reasons import Reasons
from engine.replay import Replay
from engine.saved_views import SavedViews
from engine.sealing import Sealing
from engine.sessions import Sessions
from engine.store.ready import must_be_ready
from engine.store.store import Store
from engine.testclock import Mover, TestClock
from engine.ticking import Ticker
from engine.tokens import UNTIL_REVOKED, TokenTerms
from engine.writing import Writer
from service.settings import Settings, SettingsWrong
from service.trials import Trials

FOLDER = Path(workflows.__file__).parent
"""The workflow files that come with Färdplan."""


@dataclass(frozen=True)
class House:
    """Everything a process works with. `mover` moves the test clock, where there is one."""

    settings: Settings
    store: Store
    catalogue: Catalogue
    clock: Clock
    cases: Cases
    directory: Directory
    erasures: Erasures
    carrying: Carrying
    outbox: Outbox
    ticker: Ticker
    queries: Queries
    history: History
    insight: Insight
    sealing: Sealing
    doctor: Doctor
    handing: Handing
    sessions: Sessions
    lookups: Lookups
    saved_views: SavedViews
    feeds: Feeds
    form_drafts: FormDrafts
    reasons: Reasons
    channel: Channel
    mover: Mover | None
    trials: Trials = field(default_factory=Trials)

    def replay(self) -> Replay:
        """A replay of this house's cases; it keeps what it has folded, so make one a task."""
        return Replay(self.store, self.catalogue, self.directory.as_of)

    def close(self) -> None:
        """Give all connections back."""
        self.store.close()


@dataclass(frozen=True, slots=True)
class Files:
    """Where the workflow files lie: those in force, and those replaced."""

    now: tuple[Path, ...]
    past: tuple[Path, ...]

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file."""
        return (*self.now, *self.past)


def workflow_files(settings: Settings) -> Files:
    """The workflow files of this installation; its own folder stands before what comes along."""
    folders = [FOLDER]
    if settings.workflows is not None:
        if not settings.workflows.is_dir():
            raise SettingsWrong(f"FARDPLAN_WORKFLOWS: there is no folder {settings.workflows}")
        folders.append(settings.workflows)
    return Files(
        now=_by_name(path for folder in folders for path in folder.glob("*.py")),
        past=_by_name(path for folder in folders for path in (folder / "past").glob("*.py")),
    )


def load_catalogue(settings: Settings) -> Catalogue:
    """Load all workflow files. Raises WorkflowInvalid with every fault found."""
    files = workflow_files(settings)
    return Catalogue.of(files.now, files.past)


def build(
    settings: Settings,
    *,
    catalogue: Catalogue | None = None,
    clock: Clock | None = None,
    channel: Channel | None = None,
    seams: Seams | None = None,
    serves: bool = False,
    restoring: bool = False,
) -> House:
    """Build the house. One that `serves` lets no statement run longer than anybody waits for it.

    One that is `restoring` may change a database that is being put back, where all others only read.
    A test may hand in its own catalogue, clock, channel or seams. Raises DatabaseNotReady, WorkflowInvalid,
    SettingsWrong, or DefinitionMissing where a case's definition has no file.
    """
    must_be_ready(settings.database_url)
    catalogue = catalogue or load_catalogue(settings)
    store = Store(
        settings.database_url,
        pool_size=settings.pool_size,
        read_only=settings.read_only,
        restoring=restoring,
        lock_seconds=settings.lock_seconds,
        statement_seconds=settings.statement_seconds if serves else None,
    )
    try:
        return _built(settings, store, catalogue, clock=clock, channel=channel, seams=seams)
    except BaseException:
        store.close()
        raise


def _built(
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    *,
    clock: Clock | None,
    channel: Channel | None,
    seams: Seams | None,
) -> House:
    keeping.refuse_orphans(store, catalogue)
    test_clock = TestClock(store) if settings.test_clock and clock is None else None
    wall = clock or SystemClock()
    clock = clock or test_clock or wall
    channel = channel or _channel(settings)
    seams = seams or NothingStandsThere()
    ids = Uuid7()
    cases = Cases(store, catalogue, clock, ids, SecretNonces(), seams)
    sessions = _sessions(settings, store, wall)
    outbox = Outbox(
        store,
        clock,
        channel,
        Writer(store, catalogue, settings.base_url, settings.sender, doors=sessions),
        RandomJitter(),
        seams,
    )
    ticker = Ticker(cases)
    known_since = micros(SystemClock().now())
    keeping.record(store, settings.institution, catalogue, _source_of, now=known_since)
    return House(
        settings=settings,
        store=store,
        catalogue=catalogue,
        clock=clock,
        cases=cases,
        directory=Directory(store, clock, ids, known_figures(catalogue), _terms(settings)),
        erasures=Erasures(cases),
        carrying=Carrying(cases),
        outbox=outbox,
        ticker=ticker,
        queries=Queries(cases),
        insight=Insight(cases),
        sealing=_sealing(settings, store, wall, channel),
        doctor=Doctor(store, catalogue, clock, wall),
        handing=Handing(Queries(cases), Insight(cases)),
        history=History(store, catalogue),
        sessions=sessions,
        lookups=Lookups(store, Queries(cases)),
        saved_views=SavedViews(store, clock, ids),
        feeds=Feeds(store, clock),
        form_drafts=FormDrafts(store, clock),
        reasons=Reasons(store, clock, ids),
        channel=channel,
        mover=Mover(test_clock, store, ticker, outbox) if test_clock else None,
    )


def _terms(settings: Settings) -> TokenTerms:
    """How long tokens are good. A clock moved by hand would spend them all in one move, so there no bound holds."""
    return UNTIL_REVOKED if settings.test_clock else TokenTerms(settings.token_days, settings.token_longest_days)


def known_figures(catalogue: Catalogue) -> dict[str, object]:
    """Every setting a workflow knows, as "WORKFLOW.NAME", with its default; the newest file's wins."""
    return {
        f"{name}.{figure}": default
        for name in catalogue.names
        for definition in reversed(catalogue.versions(name))
        for figure, default in definition.figures.items()
    }


def _secret(settings: Settings) -> bytes:
    """What forms and addresses are keyed with; one of this process alone where none is set."""
    return settings.with_own_secret().must_have_secret().encode()


def _sessions(settings: Settings, store: Store, clock: Clock) -> Sessions:
    return Sessions(
        store,
        clock,
        _secret(settings),
        lasts=timedelta(hours=settings.session_hours),
        # Without a secret that all processes share, a link of one would be no good at another.
        mailed_last=timedelta(days=settings.mail_link_days if settings.secret_key else 0),
    )


def _channel(settings: Settings) -> Channel:
    url = settings.smtp_url.get_secret_value() if settings.smtp_url else None
    try:
        return channel_from(url, folder=settings.mailbox)
    except ValueError as error:
        raise SettingsWrong(f"FARDPLAN_SMTP_URL: {error}") from error


def _sealing(settings: Settings, store: Store, clock: Clock, channel: Channel) -> Sealing:
    signer = FileSigner(settings.audit_key, f"{settings.institution}/fardplan")
    places: list[Place] = [FolderPlace(settings.checkpoint_folder, lambda: signer.key().line)]
    if settings.audit_mail:
        to = tuple(address.strip() for address in settings.audit_mail.split(",") if address.strip())
        places.append(MailPlace(channel, to, settings.sender, settings.institution))
    if settings.audit_webhook is not None:
        try:
            places.append(WebhookPlace(settings.audit_webhook.get_secret_value()))
        except ValueError as error:
            raise SettingsWrong(f"FARDPLAN_AUDIT_WEBHOOK: {error}") from error
    return Sealing(store, clock, signer, tuple(places))


def _source_of(definition: Definition) -> str:
    """The text of the file that declares a workflow: the one its title is built in."""
    module = sys.modules[definition.workflow.title.__module__]
    return getattr(module, SOURCE, None) or inspect.getsource(module)


def _by_name(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files in order of their names, the last of a name; a package's own file is none."""
    named = {path.name: path for path in paths if path.name != "__init__.py"}
    return tuple(named[name] for name in sorted(named))
