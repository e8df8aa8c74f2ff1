"""What is said where something took longer than anybody waits for."""

from __future__ import annotations

from engine.errors import EngineError


class TookTooLong(EngineError):
    """The answer could not be made in time; nothing was changed."""


class OutcomeUnknown(EngineError):
    """It took too long; whether the step was taken is not known. Ask again with the same key."""


class BodyTooSlow(EngineError):
    """The request's body did not come in time; nothing was done."""
