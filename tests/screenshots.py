"""Takes the pictures of the main pages anew, from the demo office: `make screenshots`.

Each page is taken wide, wide in the dark, and narrow as on a telephone, as WebP into
docs/screenshots/. The demo is the same every time, so a picture changes when its page does.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from adapters.memory import MemoryChannel
from engine.vocabulary import Role
from service.app import create_app
from service.compose import build
from service.demo import Office, open_office
from service.logging import configure
from service.pages.visiting import LANGUAGE
from service.settings import Environment, LogLevel, Settings
from tests.browser import NOWHERE, find
from tests.databases import prepare
from tests.pages.serving import answering, listening

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
READER = "en"

PAGES = (
    ("tasks", "/tasks", Role.REVIEWER),
    ("overview", "/overview/outgoing_exchange", Role.OFFICER),
    ("case", "/cases/{review}", Role.REVIEWER),
    ("history", "/cases/{told}/history?at=3", Role.OFFICER),
    ("agreements", "/agreements", Role.OFFICER),
    ("dashboards", "/dashboards", Role.OFFICER),
    ("waiting", "/waiting", Role.OFFICER),
    ("eligibility", "/eligibility", Role.REVIEWER),
)
"""What is taken: the picture's name, the page's path, and whose eyes see it.

`{review}` is the eligibility review that waits for its first step, `{told}` one with a story.
"""

TOLD = "reconsidered"

LARGEST_SET = 1_500_000
"""Bytes that all pictures may take together: they lie in everybody's clone."""

QUALITY = 72


@dataclass(frozen=True)
class Look:
    """How a page is looked at; `suffix` stands behind the picture's name."""

    suffix: str
    width: int
    height: int
    colours: Literal["light", "dark"]


LOOKS = (
    Look("", 1280, 860, "light"),
    Look("-dark", 1280, 860, "dark"),
    Look("-narrow", 320, 640, "light"),
)


def main() -> None:
    """Take every picture. Leaves with an error that names the pages that did not open."""
    configure(LogLevel.WARNING)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as (url, office), sync_playwright() as playwright:
        found = find(playwright.chromium)
        if found is None:
            raise SystemExit(NOWHERE)
        browser = found.launch(playwright.chromium)
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("*.webp"):
            old.unlink()
        missed = [fault for look in LOOKS for fault in taken(browser, url, office, look)]
    size = sum(picture.stat().st_size for picture in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures, {size // 1000} kB, in {FOLDER}")
    if size > LARGEST_SET:
        missed.append(f"together they are larger than {LARGEST_SET // 1000} kB")
    if missed:
        raise SystemExit("\n".join(missed))


@contextmanager
def demo(folder: Path) -> Iterator[tuple[str, Office]]:
    """The demo office, played into a database of its own and served; its address."""
    database = f"sqlite:///{folder / 'demo.db'}"
    prepare(database)
    with listening() as (listener, url):
        settings = Settings(
            database_url=database, environment=Environment.DEMO, test_clock=True, base_url=url,
            mailbox=folder / "mailbox",
        )  # fmt: skip
        house = build(settings, channel=MemoryChannel())
        try:
            print("Playing the demo year …", flush=True)
            office = open_office(house)
            with answering(create_app(house), listener):
                yield url, office
        finally:
            house.close()


def taken(browser: Browser, url: str, office: Office, look: Look) -> Iterator[str]:
    """Take all pages in one look; gives a line for each that did not open."""
    told = next(sight.number for sight in office.sights if sight.name == TOLD)
    for name, path, role in PAGES:
        context = entered(browser, url, office, role, look)
        page = context.new_page()
        answer = page.goto(path.format(review=office.first_step.number, told=told), wait_until="networkidle")
        if answer is None or not answer.ok:
            yield f"{page.url}: {answer.status if answer else 'no answer'}"
        else:
            # Playwright itself writes PNG and JPEG only; Chromium can do what is a third of their size.
            wanted = {"format": "webp", "quality": QUALITY}
            shot = context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
            (FOLDER / f"{name}{look.suffix}.webp").write_bytes(base64.b64decode(shot["data"]))
        context.close()


def entered(browser: Browser, url: str, office: Office, role: Role, look: Look) -> BrowserContext:
    """A window in which the demo's person of that role is signed in."""
    context = browser.new_context(
        base_url=url,
        locale="en-GB" if READER == "en" else "sv-SE",
        color_scheme=look.colours,
        viewport={"width": look.width, "height": look.height},
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": LANGUAGE, "value": READER, "url": url}])
    person = next(visitor.id for visitor in office.visitors if role in visitor.roles)
    context.request.post("/enter", form={"person": person}, max_redirects=0)
    return context


if __name__ == "__main__":
    main()
