"""The engine's errors, one small tree.

EngineError
├─ WorkflowInvalid        a workflow file is wrong; stops the start
├─ Refused                a person may read it; nothing was changed
│  ├─ CaseNotFound        unknown, or not yours to see
│  ├─ NotYourTurn         no role in any transition of this trigger
│  ├─ UnknownTrigger      the workflow has no such trigger
│  ├─ TransitionNotAllowed  final, or not from this state
│  ├─ BadFields           what was sent does not fit what was asked for
│  ├─ GuardRefused        a guard, four eyes, or a full place says no
│  │  └─ FactsTooLarge    the facts of a case would have no room
│  ├─ StaleCase           somebody was faster
│  ├─ WorkflowFault       a fault in a workflow's file stands in the way
│  └─ KeyReused           an idempotency key came again with another request
├─ Busy                   the store could not take the step now; try again
├─ Away                   the database does not answer; whether a step was taken is not known
│  └─ Full                 there is no room to write
├─ ReadOnly               everything can be read, and nothing changed, for now
├─ DefinitionUnknown      a case stands under what only another release declares
├─ SealFailed             nothing was sealed: no key, or what is stored is not what was signed
└─ DeliveryFailed         an adapter could not; kept in the outbox and tried again
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.vocabulary.words import Reason, Text


class EngineError(Exception):
    """Something the engine tells its caller; the docstring is the default message."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class WorkflowInvalid(EngineError):
    """The workflow file is wrong and does not load.

    `problems` lists every fault found, each as "where: what", in the order of the file.
    """

    def __init__(self, workflow: str, problems: tuple[str, ...]) -> None:
        self.workflow = workflow
        self.problems = problems
        super().__init__(f"{workflow} does not load:\n" + "\n".join(f"  - {p}" for p in problems))


@dataclass(eq=False)
class Refused(EngineError):
    """The request was refused; nothing was changed."""

    message: Text
    reasons: tuple[Reason, ...] = ()
    case: str | None = None
    state: str | None = None
    trigger: str | None = None
    party: str | None = None
    code: str = field(default="refused", init=False)

    def __post_init__(self) -> None:
        EngineError.__init__(self, self.message.en)


@dataclass(eq=False)
class CaseNotFound(Refused):
    """There is no such case, or it is not yours to see."""

    code = "case_not_found"


@dataclass(eq=False)
class NotYourTurn(Refused):
    """None of your roles may do this."""

    code = "not_your_role"


@dataclass(eq=False)
class UnknownTrigger(Refused):
    """The workflow has no such trigger."""

    code = "unknown_trigger"


@dataclass(eq=False)
class TransitionNotAllowed(Refused):
    """The case is finished, or the trigger does not leave its present state."""

    code = "transition_not_allowed"


@dataclass(eq=False)
class BadFields(Refused):
    """What was sent does not fit what the transition asks for."""

    code = "bad_fields"


@dataclass(eq=False)
class GuardRefused(Refused):
    """A guard, the four-eyes rule or a full place says no."""

    code = "guard_refused"


@dataclass(eq=False)
class FactsTooLarge(GuardRefused):
    """The step would leave a case with more facts than there is room for."""

    code = "facts_too_large"


@dataclass(eq=False)
class StaleCase(Refused):
    """The case has changed since it was read."""

    code = "stale_case"


@dataclass(eq=False)
class VersionNeeded(Refused):
    """Say which version of the case you have read."""

    code = "version_needed"


@dataclass(eq=False)
class WorkflowFault(Refused):
    """A fault in the workflow's file was met while the step was worked out; the fault is the `__cause__`."""

    code = "workflow_fault"


@dataclass(eq=False)
class KeyReused(Refused):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"


class Busy(EngineError):
    """The store could not take the step now; try again in a moment."""


class Away(EngineError):
    """The database does not answer. Whether a step was taken is not known: ask again with the same key."""


class Full(Away):
    """The database has no room to write. Ask again with the same key when there is."""


class ReadOnly(EngineError):
    """Everything can be read now, and nothing changed: by FARDPLAN_READ_ONLY, or until a restore is done."""


class DefinitionUnknown(EngineError, KeyError):
    """A case stands under a definition that no file here declares: another release works with this database, too."""

    # A key that is not there would be shown in quotes.
    __str__ = Exception.__str__


class SealFailed(EngineError):
    """Nothing was sealed: there is no key, or what is stored is not what was signed before."""


class DeliveryFailed(EngineError):
    """A channel could not deliver a message; it stays in the outbox and is tried again.

    `permanent` is true when trying again cannot help (no such address, refused for good).
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)
