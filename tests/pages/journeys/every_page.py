"""Every page there is, with somebody who may see it: a page that is added and not named here fails a test.

The braces of an address are filled in from the office of `tests.journeys.crowded`, by the
names its cases have there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi.routing import APIRoute

from engine.reasons import Wanted
from engine.reports.index import REPORTS
from service.pages.routes import PAGES
from tests.journeys.office import INSTITUTION
from tests.pages.serving import Served

NO_PAGES: Final = {
    "/", "/language/{language}",  # lead elsewhere
    "/static/{mark}/{name:path}", "/favicon.ico",
    "/tasks.csv", "/tasks.xlsx", "/cases.csv", "/cases.xlsx", "/agreements.csv", "/agreements.xlsx",
    "/eligibility.csv", "/eligibility.xlsx", "/feeds/{secret}.ics", "/cases/{number}/history.jsonl",
    "/cases/{number}/live", "/cases/{number}/dossier.zip", "/cases/{number}/dossier.pdf", "/audit/sample.zip",
    "/audit/seals/audit-key.pub", "/audit/seals/checkpoint-{size}.txt", "/audit/rules.csv",
    "/audit/reports/{name}.json", "/audit/reports/{name}.csv", "/processes/{name}/rehearsal.json",
}  # fmt: skip
"""What is asked for by GET and is no page."""


@dataclass(frozen=True, slots=True)
class Look:
    """A page to look at: its route, somebody who may (None: nobody is signed in), its address with braces."""

    route: str
    who: str | None
    path: str

    def filled(self, served: Served) -> str:
        """The address in this office."""
        known = dict(served.office.numbers)
        known |= {f"person_{part}": served.person(f"stat.{part}") for part in ("reviewer", "second")}
        if "{subject}" in self.path:
            known["subject"] = subject_of(served, "under review")
        if "{reason}" in self.path:
            known["reason"] = reason_of(served, self.who or "")
        return self.path.format_map(known)


def subject_of(served: Served, case: str) -> str:
    """The person a case is about."""
    found = served.ask("officer", "GET", f"/cases/{served.office.cases[case]}").json()
    return str(found["subject"])


def reason_of(served: Served, who: str) -> str:
    """A reason that somebody keeps; it is kept first."""
    house = served.house
    wanted = Wanted("Kravet saknas", "Kravet saknas i underlaget.", "The requirement is missing.", None)
    return house.reasons.add(house.directory.organisation(INSTITUTION), served.person(who), wanted)


def page(path: str, who: str | None, *more: str) -> list[Look]:
    """A route without braces, as it stands and with what may follow."""
    return [Look(path, who, path + rest) for rest in ("", *more)]


def of_case(rest: str, *seen: tuple[str, str], at: str = "") -> list[Look]:
    """A route below a case, for some people and cases."""
    return [Look(f"/cases/{{number}}{rest}", who, f"/cases/{{{case}}}{at or rest}") for who, case in seen]


def step(trigger: str, who: str, case: str) -> Look:
    """The page of one step."""
    return of_case("/steps/{trigger}", (who, case), at=f"/steps/{trigger}")[0]


EVERY: Final[tuple[Look, ...]] = (
    *page("/sign-in", None),
    *page("/accessibility", None),
    *page("/account", "reviewer"),
    *page("/tasks", "coordinator", "?unit=STAT&due=later"),
    *page("/tasks", "head"),
    *page("/cases", "officer", "?workflow=outgoing_exchange&state=ranked", "?q=ingen+alls"),
    *page("/views", "officer"),
    *page("/waiting", "coordinator"),
    Look("/waiting/chase", "officer", "/waiting/chase?to=person:{person_reviewer}&to=person:{person_second}"),
    *page("/feeds", "coordinator"),
    *of_case("", ("coordinator", "nominated out"), ("reviewer", "under review"), ("officer", "in force")),
    *of_case("", ("auditor", "decided"), ("hist.coordinator", "borrowing")),
    *of_case("/waiting", ("coordinator", "nominated out")),
    *of_case("/history", ("auditor", "decided"), ("coordinator", "nominated out")),
    *of_case("/history", ("auditor", "proposed"), at="/history?at=2&verify=1"),
    step("record_assessment", "reviewer", "under review"),
    step("find_ineligible", "reviewer", "under review"),
    step("take", "reviewer", "decided"),
    step("offer", "coordinator", "ranked"),
    step("record_host_acceptance", "coordinator", "nominated out"),
    step("confirm_ineligible", "head", "proposed"),
    *of_case("/link", ("coordinator", "ranked")),
    *of_case("/correct", ("officer", "applied")),
    *of_case("/correct", ("officer", "applied"), at="/correct?fact=stay_from&fact=wishes"),
    *of_case("/assign", ("reviewer", "under review")),
    *page("/reasons", "reviewer"),
    Look("/reasons/{reason}", "reviewer", "/reasons/{reason}"),
    *page("/new", "officer"),
    Look("/new/{workflow}", "coordinator", "/new/outgoing_exchange"),
    Look("/new/{workflow}", "admissions", "/new/eligibility_review"),
    *page("/processes", "reviewer"),
    Look("/processes/{name}", "coordinator", "/processes/outgoing_exchange"),
    Look("/processes/{name}/compare", "officer", "/processes/eligibility_review/compare"),
    Look("/processes/{name}/{version}", "officer", "/processes/eligibility_review/1"),
    *page("/my-role", "coordinator"),
    *page("/help", "reviewer"),
    Look("/help/{workflow}/{state}", "reviewer", "/help/eligibility_review/under_review"),
    *page("/glossary", "reviewer"),
    *page("/handover", "coordinator"),
    *page("/overview", "officer"),
    Look("/overview/{workflow}", "coordinator", "/overview/outgoing_exchange"),
    Look("/bulk", "coordinator", "/bulk?workflow=incoming_nomination&state=nominated&trigger=accept_nomination"),
    *page("/eligibility", "reviewer", "?state=all"),
    Look("/eligibility/applicants/{subject}", "reviewer", "/eligibility/applicants/{subject}"),
    *page("/agreements", "coordinator"),
    *page("/agreements/balance", "officer"),
    *page("/dashboards", "officer", "?workflow=eligibility_review", "?show=ways"),
    Look("/listed", "officer", "/listed?workflow=eligibility_review"),
    *page("/admin", "admin"),
    *page("/admin/outbox", "admin", "?state=sent"),
    *page("/admin/deadlines", "admin"),
    *page("/admin/stuck", "admin"),
    *page("/admin/messages", "admin"),
    *page("/admin/clock", "admin"),
    *page("/admin/people", "admin"),
    Look("/admin/people/{person}", "admin", "/admin/people/{person_reviewer}"),
    *page("/admin/units", "admin"),
    Look("/admin/units/{code}", "admin", "/admin/units/STAT"),
    *page("/audit", "auditor"),
    *page("/audit/readings", "auditor"),
    *page("/audit/organisation", "auditor"),
    *page("/audit/seals", "auditor"),
    *page("/audit/doctor", "auditor"),
    *page("/audit/rules", "auditor", "?workflow=eligibility_review"),
    *page("/audit/reports", "auditor"),
    *(Look("/audit/reports/{name}", "auditor", f"/audit/reports/{name}") for name in REPORTS),
    *page("/audit/sample", "auditor", "?workflow=outgoing_exchange&number=3&seed=1"),
    *of_case("/dossier", ("officer", "nominated out"), ("auditor", "borrowing")),
    Look("/processes/{name}/rehearsal", "admin", "/processes/eligibility_review/rehearsal"),
    *page("/admin/erasure", "admin"),
)

ELSEWHERE: Final = {"/in/{secret}"}
"""Pages that need more than an address; `test_decided_from_the_mail` looks at it."""


def every_route() -> set[str]:
    """Whatever the pages answer to by GET."""
    return {
        route.path
        for router in PAGES
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
