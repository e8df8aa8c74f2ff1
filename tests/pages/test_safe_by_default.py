"""What the pages hold to everywhere, seen at one place: text stays text, and forms come from our own pages."""

from __future__ import annotations

import httpx

from service.pages.rendering import environment
from tests.pages.serving import Served


def test_what_somebody_wrote_is_text_and_no_part_of_the_page() -> None:
    template = environment().from_string('<a title="{{ written }}">{{ written }}</a>')
    shown = template.render(written='"><script>&')
    assert shown == '<a title="&#34;&gt;&lt;script&gt;&amp;">&#34;&gt;&lt;script&gt;&amp;</a>'


def test_a_browser_that_tells_the_origin_alone_is_believed(served: Served) -> None:
    """Older browsers send no Fetch Metadata (RFC 6454 is what they have)."""
    entering = {"person": served.person("officer")}
    with httpx.Client(base_url=served.url, timeout=30) as client:
        answers = {
            origin: client.post("/enter", data=entering, headers={"origin": origin}).status_code
            for origin in (served.url, "https://evil.example", "null")
        }
    assert answers == {served.url: 303, "https://evil.example": 403, "null": 403}
