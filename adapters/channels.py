"""Chooses the channel by which messages leave the house."""

from __future__ import annotations

from pathlib import Path

from adapters.folder import FolderChannel
from adapters.smtp import SmtpChannel
from engine.ports import Channel


def channel_from(url: str | None, *, folder: Path) -> Channel:
    """The channel for a mail server's `url` (see `adapters.smtp_server`); without one, `folder`.

    An empty setting counts as none. Raises ValueError, without the URL in its text, when
    the URL cannot be understood.
    """
    if url is None or not url.strip():
        return FolderChannel(folder)
    return SmtpChannel.from_url(url.strip())
