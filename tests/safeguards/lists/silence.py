"""That no log, no refusal and no measure tells what people wrote, or a secret."""

from __future__ import annotations

from typing import Final

from tests.safeguards.declaring import Promise, Safeguard

_HEALTH = "tests/service/test_health.py"
_LEAKS = "tests/security/test_nothing_leaks.py"

SAFEGUARDS: Final = (
    Safeguard(
        name="words of an error in the log",
        promise=Promise.OUTSIDE,
        protects="of an error the log tells its kind and its place, and not its words",
        file="service/logging.py",
        out="line.update(of_error(record.exc_info[1]))",
        instead='line.update({**of_error(record.exc_info[1]), "words": str(record.exc_info[1])})',
        noticed_by=(f"{_HEALTH}::test_what_libraries_log_keeps_the_place_of_an_error_and_not_its_words",),
    ),
    Safeguard(
        name="route instead of the address, in logs and measures",
        promise=Promise.OUTSIDE,
        protects="a request is told of by the route that is declared",
        file="service/watching.py",
        out='return getattr(self._scope.get("route"), "path", "none")',
        instead='return str(self._scope["path"])',
        noticed_by=(f"{_HEALTH}::test_metrics_count_by_route_and_never_by_what_was_sent",),
    ),
    Safeguard(
        name="what was sent not repeated in a refusal",
        promise=Promise.OUTSIDE,
        protects="a refusal names the field, and not what stood in it",
        file="engine/faults.py",
        out='sv, en = _WORDS.get(fault["type"], ("går inte att läsa", _plain(fault["msg"])))',
        instead="sv, en = (_plain(str(fault)),) * 2",
        noticed_by=(f"{_LEAKS}::test_no_secret_and_nobodys_data_leave_by_logs_refusals_or_measures",),
    ),
    Safeguard(
        name="secrets of the settings",
        promise=Promise.OUTSIDE,
        protects="a setting that holds a password is in no text of the settings",
        file="service/settings.py",
        out=('        repr=False,  # it may hold a password\n        description="Where everything is kept'),
        instead='        description="Where everything is kept',
        noticed_by=(f"{_LEAKS}::test_the_mail_servers_password_and_the_mail_itself_stay_out_of_logs_and_errors",),
    ),
)
