"""All routers of the staff pages. They stand in no OpenAPI document: people read them."""

from __future__ import annotations

from service.pages import account, files, sign_in

PAGES = (
    files.router,
    sign_in.router,
    account.router,
)
