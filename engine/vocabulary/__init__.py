"""The words a workflow file is written in."""

from engine.vocabulary.agreements import agreement_allows, agreement_fact, agreement_in_force, partner_of_agreement
from engine.vocabulary.conditions import Predicate, has_fact, in_state, lacks_fact, says_yes, unless, yes_if
from engine.vocabulary.days import day_in, days_from, fact_day, last_before, months_from
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
from engine.vocabulary.dossier import AuditFolder, Call, Paper, Where
from engine.vocabulary.forms import (
    DecisionForm,
    Facts,
    Form,
    Identifier,
    Line,
    NoConflict,
    NoFields,
    Part,
    Prose,
    UnitCode,
    asks,
    known,
)
from engine.vocabulary.messages import letter, message
from engine.vocabulary.milestones import Milestone
from engine.vocabulary.noting import noting, told
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
from engine.vocabulary.templates import (
    Occurs,
    Relates,
    Template,
    Within,
    absence,
    alternate_precedence,
    alternate_response,
    alternate_succession,
    chain_precedence,
    chain_response,
    chain_succession,
    co_existence,
    end,
    exactly,
    existence,
    init,
    not_chain_succession,
    not_co_existence,
    not_succession,
    precedence,
    responded_existence,
    response,
    succession,
)
from engine.vocabulary.values import (
    AcademicYear,
    CourseCredits,
    Credits,
    FieldCode,
    Proficiency,
    Signer,
    missing_signers,
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
    "ASSIGNEE", "AcademicYear", "Actor", "Answer", "AnsweredBy", "AnyView", "Assign", "AtMostOnce",
    "AtOnce", "AuditFolder", "Budget", "CASE", "Call", "CourseCredits", "Credits", "Deadline",
    "DecisionForm", "Direction",
    "ExactlyOnce", "Facts", "FieldCode", "Figure", "Fire", "FollowUp", "Form", "Guard", "HandOver",
    "Held", "Holds", "HoldsNoPlace", "Identifier", "Level", "Line", "Link", "MISSED", "MessageText",
    "Migration", "Milestone", "Moment", "NeverAfter", "No", "NoConflict", "NoFields", "NotTogether",
    "Occurs", "Offers", "OnDay", "Opening", "Opens", "Paper", "Part", "Person", "Precedes", "Predicate",
    "Proficiency", "Prose", "RECONSIDER", "RECORDED", "Reason", "Related", "Relates", "Relinks",
    "Role", "Rule", "Rung", "Side", "Signer", "State", "Stay", "Tell", "Template", "Text",
    "Transition", "Unit", "UnitCode", "View", "Where", "Who", "Whom", "Within", "Workflow", "WorkingDays",
    "YES", "Yes", "absence", "after", "agreement_allows", "agreement_fact", "agreement_in_force",
    "alternate_precedence", "alternate_response", "alternate_succession", "answered_by", "asks",
    "at", "at_most_once", "before", "chain_precedence", "chain_response", "chain_succession",
    "co_existence", "day_in", "days_from", "either", "end", "escalate", "exactly", "exactly_once",
    "existence", "fact_day", "final", "fire", "has_fact", "holds_no_place", "in_state", "init",
    "known", "lacks_fact", "last_before", "letter", "message", "missing_signers", "months_from",
    "never_after", "no", "not_chain_succession", "not_co_existence", "not_succession",
    "not_together", "noting", "owner", "partner_of_agreement", "precedence", "precedes", "remind",
    "responded_existence", "response", "says_yes", "succession", "told", "unless", "used", "yes_if",
]  # fmt: skip
