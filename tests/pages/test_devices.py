"""People know their browser by its name, not by what it says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.pages.devices import UNKNOWN, device

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 "
    "Edg/142.0"
)
CHROME = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1 Version/26.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "known_as"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        (CHROME, "Chrome on Android"),
        (SAFARI, "Safari on iPhone"),
    ],
)
def test_a_device_is_known_by_its_browser_and_system(agent: str, known_as: str) -> None:
    assert device(agent).en == known_as


@pytest.mark.parametrize("agent", ["", "curl/8", "<script>alert(1)</script>"])
def test_what_is_no_known_browser_is_called_so(agent: str) -> None:
    assert device(agent) == UNKNOWN


def test_a_browser_on_no_known_system_is_still_named() -> None:
    assert device("Firefox/1").sv == "Firefox"


@given(st.text())
def test_what_a_browser_writes_never_comes_back_as_it_is(agent: str) -> None:
    words = device(f"{agent}<b>Firefox/1")
    assert "<" not in words.sv + words.en
