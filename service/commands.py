"""The commands of `fardplan`, and where each stands.

The module of a command is read in when the command is run: `fardplan --help` shows this list and
reads none (0.1 s of processor time, where reading all takes 1.2). A test holds list and modules equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands: its name, its module below `service`, and its line in the list."""

    name: str
    module: str
    says: str


ENTRIES: Final = (
    Entry("token", "cli_office", "Issue an access token and print it; it cannot be shown again."),
    Entry("import", "cli_cases", "Read a list in."),
    Entry("check", "cli_cases", "Check workflow files: every fault, with the shortest way that breaks a rule."),
    Entry("diagram", "cli_cases", "Draw a workflow, on standard output."),
    Entry("rights", "cli_rights", "Say who may do what in a process, and under which conditions: each step, each "
                                  "role."),
    Entry("tick", "cli_cases", "Fire what is due and deliver what is owed, once."),
    Entry("stuck", "cli_stuck", "List cases that a rung holds up, by a fault in a file or in the case; exit 1 where "
                                "there is any."),
    Entry("dossier", "cli_dossier", "Make audit folders: what is there, what is missing, what came after the fact, "
                                    "with the whole history."),
    Entry("erase", "cli_roads", "Erase the details of closed cases for good."),
    Entry("migrate", "cli_roads", "Carry open cases over to the version of the process now in force; run it again "
                                  "where it was broken off."),
    Entry("rehearse", "cli_rehearse", "Try a changed workflow file on past and open cases."),
    Entry("report", "cli_insight", "Print a report for internal audit; each line names the events it rests on."),
    Entry("insight", "cli_insight", "Tell how processes really run: waiting, ways taken, rework; of the cases opened "
                                    "in a period."),
    Entry("checkpoint", "cli_seals", "Seal every event that is not sealed, sign a checkpoint of all, and put it where "
                                     "auditors find it."),
    Entry("doctor", "cli_doctor", "Look for cases that should be impossible, and say what to do about each."),
    Entry("replay", "cli_replay", "Replay histories through the very rules that ran them, and compare each byte."),
    Entry("rules", "cli_rules", "Check rules over histories: each case that broke one, with the events concerned."),
    Entry("fitness", "cli_rules", "Compare a declared process with what was really done: the share of steps that fit, "
                                  "and where cases left it."),
    Entry("backup", "cli_backup", "Back the whole database up while it is in use, and check what was written."),
    Entry("restore", "cli_backup", "Put a backup into an empty database, note it in every open case, and tell nobody "
                                   "anything twice."),
    Entry("serve", "cli_service", "Serve the pages and the API; each process also looks for what is due."),
    Entry("worker", "cli_service", "Look for deadlines and mails that are due, without serving anything, until told "
                                   "to stop."),
    Entry("demo", "cli_service", "Load the demo office, with a clock that stands still; and serve it."),
    Entry("db", "cli_service", "The database."),
    Entry("person", "cli_office", "People and what they may do."),
    Entry("unit", "cli_office", "Units of the institution."),
    Entry("absence", "cli_office", "Who is away, and who stands in."),
    Entry("closing-day", "cli_office", "Days on which a unit is closed."),
    Entry("audit-key", "cli_seals", "The key that signs checkpoints of the history."),
    Entry("history", "cli_history", "Whole histories: export and check them."),
)  # fmt: skip


class Later(TyperCommand):
    """A command that is not read in yet; being run, it makes way for the real one."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.says)
        self._module = entry.module

    def make_context(self, *given: Any, **more: Any) -> Any:
        """The context of the real command, which runs in it."""
        return self.read_in().make_context(*given, **more)

    def read_in(self) -> Any:
        """The real command, or the real group."""
        apart = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        # A callback makes it a group, also around one command.
        apart.callback()(lambda: None)
        import_module(f"service.{self._module}").add_to(apart)
        group: Any = typer.main.get_command(apart)
        return group.commands[self.name]


class Commands(TyperGroup):
    """All commands; whatever one of them raises becomes a clear sentence and an exit code."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.commands.update({entry.name: Later(entry) for entry in ENTRIES})

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):  # whoever reads may go, as `head` does
            raise
        except Exception as error:  # noqa: BLE001 - it is told, and ends the command
            # Imported here: a command that raised has read it in already, and `--help` needs none of it.
            from service.terminal import tell  # noqa: PLC0415

            tell(error)
