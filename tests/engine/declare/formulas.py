"""Linear temporal logic on finite traces, evaluated word for word and slowly: the oracle of the templates.

Source: G. De Giacomo, M. Vardi, "Linear Temporal Logic and Linear Dynamic Logic on Finite Traces", IJCAI 2013;
the formulas: C. Di Ciccio, M. Montali, "Declarative Process Specifications", Process Mining Handbook, 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.vocabulary import Occurs, Relates, Template

Formula = Callable[[Sequence[str], int], bool]
"""Whether it holds in a trace at an instant (from 0; the trace is not empty)."""


def one_of(names: Sequence[str]) -> Formula:
    return lambda trace, at: trace[at] in names


def negated(inner: Formula) -> Formula:
    return lambda trace, at: not inner(trace, at)


def both(*inner: Formula) -> Formula:
    return lambda trace, at: all(each(trace, at) for each in inner)


def either(*inner: Formula) -> Formula:
    return lambda trace, at: any(each(trace, at) for each in inner)


def implies(one: Formula, other: Formula) -> Formula:
    return either(negated(one), other)


def following(inner: Formula) -> Formula:
    """○: there is a next instant, and there it holds."""
    return lambda trace, at: at + 1 < len(trace) and inner(trace, at + 1)


def weakly_following(inner: Formula) -> Formula:
    """●: it holds at the next instant if there is one."""
    return lambda trace, at: at + 1 >= len(trace) or inner(trace, at + 1)


def eventually(inner: Formula) -> Formula:
    return lambda trace, at: any(inner(trace, each) for each in range(at, len(trace)))


def always(inner: Formula) -> Formula:
    return lambda trace, at: all(inner(trace, each) for each in range(at, len(trace)))


def until(one: Formula, other: Formula) -> Formula:
    return lambda trace, at: any(
        other(trace, end) and all(one(trace, each) for each in range(at, end)) for end in range(at, len(trace))
    )


def unless(one: Formula, other: Formula) -> Formula:
    """W: until, or for ever."""
    return either(until(one, other), always(one))


def at_least(count: int, inner: Formula) -> Formula:
    """◇(a ∧ ○◇(a ∧ …))."""
    formula = inner
    for _ in range(count - 1):
        formula = both(inner, following(eventually(formula)))
    return eventually(formula)


def last(inner: Formula) -> Formula:
    """◇(a ∧ ¬○⊤)."""
    return eventually(both(inner, negated(following(lambda _trace, _at: True))))


def formula_of(rule: Occurs | Relates) -> Formula:
    """What a rule means."""
    if isinstance(rule, Occurs):
        a, n = one_of(rule.names), rule.count
        return {
            Template.EXISTENCE: at_least(n, a),
            Template.ABSENCE: negated(at_least(n, a)),
            Template.EXACTLY: both(at_least(n, a), negated(at_least(n + 1, a))),
            Template.INIT: a,
            Template.END: last(a),
        }[rule.template]
    return relation(rule.template, one_of(rule.first), one_of(rule.then))


def relation(template: Template, a: Formula, b: Formula) -> Formula:
    """What a template of two means."""
    no_a, no_b = negated(a), negated(b)
    response, precedence = always(implies(a, eventually(b))), unless(no_b, a)
    alternately = always(implies(a, following(until(no_a, b))))
    one_each = both(precedence, always(implies(b, weakly_following(precedence))))
    next_is_b, last_was_a = always(implies(a, following(b))), both(no_b, always(implies(following(b), a)))
    return {
        Template.RESPONSE: response,
        Template.PRECEDENCE: precedence,
        Template.SUCCESSION: both(response, precedence),
        Template.ALTERNATE_RESPONSE: alternately,
        Template.ALTERNATE_PRECEDENCE: one_each,
        Template.ALTERNATE_SUCCESSION: both(alternately, one_each),
        Template.CHAIN_RESPONSE: next_is_b,
        Template.CHAIN_PRECEDENCE: last_was_a,
        Template.CHAIN_SUCCESSION: both(next_is_b, last_was_a),
        Template.RESPONDED_EXISTENCE: implies(eventually(a), eventually(b)),
        Template.CO_EXISTENCE: both(implies(eventually(a), eventually(b)), implies(eventually(b), eventually(a))),
        Template.NOT_SUCCESSION: always(implies(a, negated(eventually(b)))),
        Template.NOT_CHAIN_SUCCESSION: always(implies(a, negated(following(b)))),
        Template.NOT_CO_EXISTENCE: negated(both(eventually(a), eventually(b))),
    }[template]
