"""Headers around every answer: what a browser may load, who may frame us, what may be kept.

Sources: Content Security Policy Level 3 (W3C); OWASP HTTP Headers Cheat Sheet; RFC 6797 (HSTS); RFC 9111 (caching).
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""A page of ours loads nothing from elsewhere, runs nothing written into it, and is framed by nobody."""

DATA_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What is no page is to do nothing, should a browser be brought to show it."""

ENCRYPTED: Final = "max-age=31536000"
"""For a year a browser speaks to this host over encrypted connections only; other hosts are not ours to tell."""

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guarding:
    """ASGI middleware: gives every answer its headers, unless the answer has set them itself.

    `encrypted`: people reach the service over HTTPS, and are to do so from now on.
    """

    def __init__(self, app: ASGIApp, *, encrypted: bool = False) -> None:
        self._app = app
        self._always = {**_ALWAYS, **({"Strict-Transport-Security": ENCRYPTED} if encrypted else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith(("text/html", "image/svg")):
                    headers.setdefault("Content-Security-Policy", POLICY)
                else:
                    headers.setdefault("Content-Security-Policy", DATA_POLICY)
                # What is shown may be personal: nothing of it stays behind on a shared machine. Files that may be kept
                # say so themselves.
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, guarded)
