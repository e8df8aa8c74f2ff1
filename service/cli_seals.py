"""Commands for the seals: the key that signs, checkpoints of the history, proofs between two of them."""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from typing import Annotated, Any

import typer

from adapters.checkpoints import KEY_FILE, add_key, write_whole
from adapters.signing import VerifierKey, new_key, rotate
from engine.errors import SealFailed
from engine.ports import Checkpoint
from engine.sealing import Sealed, Sealing, Sent
from service.compose import House
from service.settings import Settings
from service.terminal import (
    FOUND_WRONG,
    JsonOption,
    Misused,
    cases_named,
    opened,
    progress,
    read_settings,
    say,
    show_json,
)

keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The key that signs checkpoints of the history.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(keys, name="audit-key")
    app.command()(checkpoint)


@keys.command("new")
def new(*, as_json: JsonOption = False) -> None:
    """Make the key, and put its public half into the checkpoint folder. Never writes over a key."""
    settings = read_settings()
    _show_key(settings, _made(settings), as_json=as_json)


def _made(settings: Settings) -> VerifierKey:
    key = new_key(settings.audit_key, _name(settings))
    _publish_key(settings, key)
    return key


def for_demo(settings: Settings, *, anew: bool) -> None:
    """Make a demo its own key, where it has none. Production gets one by the command alone.

    With `anew` the checkpoint folder of an earlier demo, whose history is gone, is moved aside.
    """
    folder = settings.checkpoint_folder
    if anew and any(folder.glob("checkpoint-*.txt")):
        taken = (folder.with_name(f"{folder.name}-{number}") for number in count(1))
        folder.rename(next(each for each in taken if not each.exists()))
    if not settings.audit_key.exists():
        _made(settings)


@keys.command("rotate")
def rotate_(*, as_json: JsonOption = False) -> None:
    """Put a new key in place of the old, which is moved aside and hands over to it in a signed note."""
    settings = read_settings()
    done = rotate(settings.audit_key, _name(settings))
    # The old line first: where the folder was emptied, older checkpoints need it still.
    _publish_key(settings, done.old)
    _publish_key(settings, done.new)
    handover = settings.checkpoint_folder / f"key-handover-{done.new.id.hex()}.txt"
    try:
        write_whole(handover, done.note)
    except OSError as error:
        raise SealFailed(f"the hand-over cannot be written to {handover}: {error.strerror}") from error
    say(f"the old key was moved to {done.moved_to}; the hand-over is in {handover}")
    _show_key(settings, done.new, as_json=as_json)


def _name(settings: Settings) -> str:
    return f"{settings.institution}/fardplan"


def _publish_key(settings: Settings, key: VerifierKey) -> None:
    try:
        add_key(settings.checkpoint_folder, key.line)
    except (OSError, ValueError) as error:
        raise SealFailed(f"the key's public half cannot be written to {settings.checkpoint_folder}: {error}") from error


def _show_key(settings: Settings, key: VerifierKey, *, as_json: bool) -> None:
    public = settings.checkpoint_folder / KEY_FILE
    if as_json:
        show_json({"name": key.name, "id": key.id.hex(), "line": key.line, "file": str(settings.audit_key)})
        return
    typer.echo(key.line)
    say(f"the key is in {settings.audit_key}: keep a copy of it in a safe place. Give auditors {public}")


def checkpoint(
    *,
    prove: Annotated[
        tuple[int, int] | None,
        typer.Option("--prove", metavar="OLD NEW", help="Seal nothing; prove that the one goes on from the other."),
    ] = None,
    case: Annotated[
        str | None, typer.Option("--case", metavar="CASE", help="Seal nothing; prove that this case is in the newest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Seal every event that is not sealed, sign a checkpoint of all, and put it where auditors find it."""
    with opened() as house:
        if prove is not None:
            _prove(house, *prove)
            return
        if case is not None:
            _prove_case(house, case)
            return
        with progress("Sealing") as told:
            done = house.sealing.seal(house.settings.institution, sweep=True, told=told)
        sent = house.sealing.publish(house.settings.institution)
    if as_json:
        show_json(_as_json(done, sent))
    else:
        _tell(done, sent)
    if done.wrong or any(each.error for each in sent):
        raise typer.Exit(FOUND_WRONG)


def _tell(done: Sealed, sent: tuple[Sent, ...]) -> None:
    for wrong in done.wrong:
        say(f"not sealed: {wrong.words}")
    if done.checkpoint is None:
        typer.echo("there is nothing to seal yet")
        return
    words = "1 event" if done.events == 1 else f"{done.events} events"
    typer.echo(f"{words} sealed; {_line(done.checkpoint)}")
    for each in sent:
        say(f"{each.place}: {each.error}" if each.error else f"checkpoint of {each.size} put into: {each.place}")


def _line(found: Checkpoint) -> str:
    return f"checkpoint of {found.size} events, root {b64encode(found.root).decode()}"


def _as_json(done: Sealed, sent: tuple[Sent, ...]) -> dict[str, Any]:
    found = done.checkpoint
    return {
        "sealed": done.events,
        "size": found.size if found else 0,
        "root": b64encode(found.root).decode() if found else None,
        "note": found.note if found else None,
        "wrong": [{"case": w.number or w.case, "sequence": w.sequence, "what": w.what} for w in done.wrong],
        "sent": [{"place": each.place, "size": each.size, "error": each.error} for each in sent],
    }


def _prove(house: House, old: int, new: int) -> None:
    """Show the consistency proof between two checkpoints, as JSON: it is for programs."""
    first, second = _known(house, old), _known(house, new)
    if old > new:
        raise Misused("--prove wants the older checkpoint's size first")
    hashes = house.sealing.consistency(house.settings.institution, old, new)
    show_json(
        {
            "old": {"size": old, "root": first.root.hex()},
            "new": {"size": new, "root": second.root.hex()},
            "hashes": [each.hex() for each in hashes],
        }
    )


def _prove_case(house: House, name: str) -> None:
    """Show that the sealed events of a case are in the newest checkpoint, as JSON: it is for programs."""
    sealing, institution = house.sealing, house.settings.institution
    (case,), newest = cases_named(house.store, institution, [name]), sealing.latest(institution)
    if newest is None:
        raise Misused("nothing has been sealed yet")
    proofs = sealing.prove_case(institution, case, size=newest.size)
    events = [
        {
            "sequence": each.sequence,
            "hash": each.hash,
            "leaf": each.leaf,
            "hashes": [path.hex() for path in each.hashes],
        }
        for each in proofs
    ]
    show_json({"case": case, "size": newest.size, "root": newest.root.hex(), "note": newest.note, "events": events})


def _known(house: House, size: int) -> Checkpoint:
    sealing: Sealing = house.sealing
    found = sealing.at_size(house.settings.institution, size)
    if found is None:
        raise Misused(f"no checkpoint of {size} events was signed")
    return found
