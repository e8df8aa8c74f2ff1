"""Every check the doctor makes: the promise behind it, what is wrong in words, and what a person should do."""

from __future__ import annotations

from typing import Final

from engine.doctor import clocks, histories, messages, places, ties
from engine.doctor.shape import Check, Promise
from engine.vocabulary import Text

_HISTORY = Text(
    "Ändra inget för hand. Kör fardplan replay på ärendet och jämför historiken med kontrollpunkterna "
    "(fardplan history verify). Ta fram ärendet ur den senaste säkerhetskopian där det är helt.",
    "Change nothing by hand. Run fardplan replay on the case, and compare the history with the checkpoints "
    "(fardplan history verify). Take the case from the newest backup in which it is whole.",
)
_ROW = Text(
    "Historiken gäller, inte raden. Ta reda på vem som har skrivit i databasen vid sidan om systemet. Låt driften "
    "ställa raden till det som historiken säger (fardplan replay visar skillnaden).",
    "The history counts, not the row. Find out who wrote into the database beside the system. Let whoever runs it "
    "put the row to what the history says (fardplan replay shows the difference).",
)
_LISTS = Text(
    "Ärendet är helt men kan saknas i listor, sökningar eller för dem som ska se det. Låt driften göra raden på nytt "
    "ur ärendet.",
    "The case is whole, but may be missing from lists and searches, or for people who should see it. Let whoever runs "
    "the system make the row anew from the case.",
)
_RUNG = Text(
    "Titta efter om någon har påmints två gånger eller inte alls och säg till den det gäller. Låt driften jämföra "
    "fristen med historiken (fardplan replay).",
    "See whether somebody was reminded twice or not at all, and tell whom it concerns. Let whoever runs the system "
    "compare the deadline with the history (fardplan replay).",
)
_OWED = Text(
    "Fråga mottagaren om meddelandet har kommit och skriv själv vid behov. Se Administration, Utskick.",
    "Ask the recipient whether the message came, and write yourself where needed. See Administration, Messages.",
)
_WORKERS = Text(
    "Se i loggen varför det inte går (rung_failed, delivery_failed) och om klockorna i datorerna går lika. Starta om "
    "det som har hakat upp sig; det som väntar görs då i tur och ordning.",
    "See in the log why it does not go (rung_failed, delivery_failed), and whether the clocks of the machines agree. "
    "Restart what hangs; what waits is then done in its order.",
)

CHECKS: Final[tuple[Check, ...]] = (
    Check(
        "gapless", Promise.LINEAR,
        Text("Ärendets händelser är inte en obruten följd", "The events of the case are no unbroken row"),
        _HISTORY, histories.gapless,
    ),
    Check(
        "chain", Promise.LINEAR,
        Text("Kedjan av kontrollsummor håller inte", "The chain of checksums does not hold"),
        _HISTORY, histories.chained,
    ),
    Check(
        "row", Promise.REPLAY,
        Text("Ärendet är inte vad historiken säger", "The case is not what its history says"),
        _ROW, histories.agreeing,
    ),
    Check(
        "derived", Promise.LISTS,
        Text("Det som listor visar stämmer inte med ärendet", "What lists show does not agree with the case"),
        _LISTS, histories.derived,
    ),
    Check(
        "deadline", Promise.RUNG,
        Text("En frist är inte vad historiken säger", "A deadline is not what the history says"),
        _RUNG, clocks.kept_true,
    ),
    Check(
        "deadline_over", Promise.RUNG,
        Text("Ett avslutat ärende har en öppen frist", "A closed case has an open deadline"),
        _RUNG, clocks.over,
    ),
    Check(
        "rung_late", Promise.RUNG,
        Text("En påminnelse eller eskalering borde ha gått ut", "A reminder or escalation should have gone out"),
        _WORKERS, clocks.in_time,
    ),
    Check(
        "rung_twice", Promise.RUNG,
        Text("En påminnelse eller eskalering har gått två gånger", "A reminder or escalation has gone out twice"),
        _RUNG, clocks.once,
    ),
    Check(
        "places", Promise.PLACES,
        Text("Fler platser är givna än avtalet har", "More places are given than the agreement has"),
        Text(
            "Se på avtalets sida vilka som har plats det läsåret. Ge inga fler, och fråga partnern om en extra plats "
            "eller bestäm vem som får vänta.",
            "See on the agreement's page who holds a place that year. Give no more, and ask the partner for an extra "
            "place or decide who is to wait.",
        ),
        places.enough,
    ),
    Check(
        "place_held", Promise.PARENTS,
        Text("Avtalet och ärendet är oense om en plats", "The agreement and the case disagree about a place"),
        Text(
            "Se i båda historikerna vem som har platsen och säg till ansvarig handläggare. Ta inga steg som ger eller "
            "frigör platser på avtalet förrän det är utrett.",
            "See in both histories who holds the place, and tell the officer in charge. Take no step that gives or "
            "frees places of the agreement until that is clear.",
        ),
        places.agreed,
    ),
    Check(
        "message_stray", Promise.OWED,
        Text("Ett meddelande som ingen händelse har beställt", "A message that no event owes"),
        _OWED, messages.owed_by_an_event,
    ),
    Check(
        "message_lost", Promise.OWED,
        Text("Ett meddelande som en händelse har beställt saknas", "A message that an event owes is missing"),
        _OWED, messages.there,
    ),
    Check(
        "message_late", Promise.OWED,
        Text("Ett meddelande borde ha försökts skickas", "A message should have been tried"),
        _WORKERS, messages.in_time,
    ),
    Check(
        "message_leased", Promise.OWED,
        Text("Ett meddelande hålls av en process alldeles för länge", "A process holds a message for far too long"),
        _WORKERS, messages.let_go,
    ),
    Check(
        "link", Promise.APART,
        Text("En koppling leder ingenstans eller till ett annat lärosäte",
             "A link leads nowhere, or to another institution"),
        _HISTORY, ties.leading_somewhere,
    ),
    Check(
        "stray", Promise.DURABLE,
        Text("Det finns rader om ett ärende som inte finns", "There are rows of a case that is not there"),
        _HISTORY, ties.at_home,
    ),
    Check(
        "reach", Promise.LISTS,
        Text("Enheterna som läser ärendet genom kopplingar stämmer inte",
             "The units that read the case through links are not the right ones"),
        _LISTS, ties.reached,
    ),
    Check(
        "words", Promise.LISTS,
        Text("Sökningar hittar ärendet på fel ord", "Searches find the case by the wrong words"),
        _LISTS, ties.spoken,
    ),
    Check(
        "key", Promise.DURABLE,
        Text("Ett besvarat anrop pekar på en händelse som inte finns",
             "A request that was answered names an event that is not there"),
        _HISTORY,
    ),
    Check(
        "unreadable", Promise.REPLAY,
        Text("Ärendets rader går inte att läsa", "The rows of the case cannot be read"),
        _HISTORY,
    ),
    Check(
        "replay", Promise.REPLAY,
        Text("Historiken leder inte till det som är lagrat, avgjord på nytt",
             "The history, decided anew, does not lead to what is stored"),
        _HISTORY,
    ),
)  # fmt: skip

BY_NAME: Final = {check.name: check for check in CHECKS}

EACH_TIME: Final = frozenset(check.name for check in CHECKS if check.look is not None) | {"unreadable"}
"""What is asked of a case whenever it is looked at. A replay is asked only where it is wanted, keys by themselves."""
