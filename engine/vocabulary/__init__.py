"""The words a workflow file is written in."""

from engine.vocabulary.deadlines import (
    MISSED,
    AtOnce,
    Budget,
    Deadline,
    Figure,
    Fire,
    HandOver,
    Moment,
    OnDay,
    Rung,
    Side,
    Unit,
    after,
    before,
    escalate,
    fire,
    remind,
    used,
)
from engine.vocabulary.forms import (
    DecisionForm,
    Facts,
    Form,
    Identifier,
    Line,
    NoConflict,
    NoFields,
    Prose,
    UnitCode,
)
from engine.vocabulary.people import ASSIGNEE, CASE, Person, Who, Whom, at, either, owner
from engine.vocabulary.rules import (
    AnsweredBy,
    AtMostOnce,
    ExactlyOnce,
    HoldsNoPlace,
    NeverAfter,
    NotTogether,
    Precedes,
    Rule,
    answered_by,
    at_most_once,
    exactly_once,
    holds_no_place,
    never_after,
    not_together,
    precedes,
)
from engine.vocabulary.states import State, final
from engine.vocabulary.stay import Direction, Held, Level, Stay
from engine.vocabulary.steps import (
    RECONSIDER,
    RECORDED,
    AnyView,
    Assign,
    FollowUp,
    Guard,
    Opening,
    Opens,
    Relinks,
    Tell,
    Transition,
)
from engine.vocabulary.view import Actor, View, WorkingDays
from engine.vocabulary.words import YES, Answer, No, Reason, Role, Text, Yes, no
from engine.vocabulary.workflow import (
    Holds,
    Link,
    MessageText,
    Migration,
    Offers,
    Related,
    Workflow,
)

__all__ = [
    "ASSIGNEE", "Actor", "AnsweredBy", "Answer", "AnyView", "Assign", "AtMostOnce", "AtOnce",
    "Budget", "CASE", "Deadline", "DecisionForm", "Direction", "ExactlyOnce", "Facts", "Figure",
    "Fire", "FollowUp", "Form", "Guard", "HandOver", "Held", "Holds", "HoldsNoPlace", "Identifier",
    "Level", "Line", "Link", "MISSED", "MessageText", "Migration", "Moment", "NeverAfter", "No",
    "NoConflict", "NoFields", "NotTogether", "Offers", "OnDay", "Opening", "Opens", "Person",
    "Precedes", "Prose", "RECONSIDER", "RECORDED", "Reason", "Related", "Relinks", "Role", "Rule",
    "Rung", "Side", "State", "Stay", "Tell", "Text", "Transition", "Unit", "UnitCode", "View",
    "Who", "Whom", "WorkingDays", "Workflow", "YES", "Yes", "after", "answered_by", "at",
    "at_most_once", "before", "either", "escalate", "exactly_once", "final", "fire",
    "holds_no_place", "never_after", "no", "not_together", "owner", "precedes", "remind", "used",
]  # fmt: skip
