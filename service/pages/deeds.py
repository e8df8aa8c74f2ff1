"""What somebody did, as a history tells it: the label of a step, "Bedöm behörig", as "bedömde behörig".

Keyed by the Swedish label (LABELS). A step whose label is not here is told by its label in
quotation marks, so that a process file of one's own reads well enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.vocabulary import Text

_DEEDS: Final = """
Ankommen, med avvikelse | registrerade ankomst med avvikelse | recorded the arrival, with a deviation
Ansökan om tillgodoräknande inkommen | tog emot ansökan om tillgodoräknande | recorded the application for recognition
Anta | antog studenten | admitted the student
Anta i Ladok | antog studenten i Ladok | admitted the student in Ladok
Anta inte | beslutade att inte anta | decided not to admit
Anta, med avvikelse | antog studenten, med avvikelse | admitted the student, with a deviation
Antagning hos värd inkommen | antecknade att värden har antagit | recorded the host’s acceptance
Avbryt utbytet (avbrott) | avbröt utbytet | interrupted the exchange
Avböj nominering | avböjde nomineringen | declined the nomination
Avgör på befintligt underlag | lät ärendet avgöras på befintligt underlag | let the case be decided on file
Avslag hos värd inkommet | antecknade värdens avslag | recorded the host’s refusal
Avsluta | avslutade ärendet | completed the case
Avsluta utan plats | avslutade utan plats | closed without a place
Avsluta utan resultat | avslutade utan resultat | closed without results
Avtalet löpte ut | antecknade att avtalet löpte ut | noted that the agreement ran out
Avtalet är redan förlängt | antecknade att avtalet redan är förlängt | noted that the agreement is already extended
Avtalet är uppsagt | antecknade att avtalet är uppsagt | noted that notice was given
Avtalstiden slut | avslutade avtalet: avtalstiden är slut | ended the agreement: its time is over
Bedöm behörig | bedömde behörig | found the applicant eligible
Bedöm behörig med villkor | bedömde behörig med villkor | found the applicant conditionally eligible
Bedöm ej behörig | bedömde ej behörig | found the student not eligible
Bedöm förkunskapskraven | bedömde förkunskapskraven | assessed the requirements
Bedöm obehörig | bedömde obehörig | found the applicant not eligible
Begär komplettering | begärde komplettering | asked for information
Begär omval | begärde omval | asked for a new choice
Begär ändring av Learning Agreement | begärde ändring av Learning Agreement | asked to change the learning agreement
Bekräfta ankomst | bekräftade ankomsten | confirmed the arrival
Bekräfta avresa, utfärda närvarointyg | bekräftade avresan | confirmed the departure
Bekräfta bedömningen | bekräftade bedömningen | confirmed the finding
Bekräfta hemkomst | bekräftade hemkomsten | confirmed the return
Bekräfta studieplan | bekräftade studieplanen | confirmed the study plan
Beslut infört i NyA | förde in beslutet i NyA | entered the decision in NyA
Besluta att inte förnya | beslutade att inte förnya | decided not to renew
Besluta förnya | beslutade att förnya | decided to renew
Besluta om tillgodoräknande | beslutade om tillgodoräknande | decided on recognition
Betyg inkomna | tog emot betygen | recorded the transcript
Byt termin | bytte termin | changed the term
Börja utvärdera | började utvärdera | started the evaluation
Erbjud annan plats | erbjöd en annan plats | offered another place
Erbjud nästa reserv | erbjöd platsen till nästa reserv | offered the place to the next on the reserve list
Erbjud plats | erbjöd en plats | offered a place
Flytta ärenden till nytt avtal | flyttade ärendena till det nya avtalet | moved the cases to the new agreement
Föreslå obehörig | föreslog obehörig | proposed not eligible
Förkorta | förkortade vistelsen | shortened the stay
Förläng | förlängde | extended it
Förlängs inte | antecknade att avtalet inte förlängs | noted that it will not be renewed
Förlängs tyst | lät avtalet förlängas tyst | let the agreement be renewed tacitly
Godkänn behörighet | godkände behörigheten | confirmed the eligibility
Godkänn nominering | godkände nomineringen | accepted the nomination
Godkänn preliminärt kursval | godkände det preliminära kursvalet | approved the course choice
Godkänn ändring | godkände ändringen | agreed to the change
Godta sen nominering eller ansökan | godtog en sen nominering eller ansökan | accepted it although late
Granskningssvar | antecknade granskningssvaret | noted the review outcome
Ingen ansökan eller inget svar i tid | avslutade: inget kom i tid | closed: nothing came in time
Komplettering inkommen | tog emot kompletteringen | recorded the information
Kontakta partner | kontaktade partnern | contacted the partner
Learning Agreement undertecknat | registrerade underskrifterna | recorded the signatures
Lägg ned | lade ned avtalet | abandoned the agreement
Lämna andra reservlistor | lämnade andra reservlistor | left other reserve lists
Lämna tillbaka | lämnade tillbaka ärendet | released the case
Lämna yttrande | lämnade yttrande | gave an opinion
Låna ut plats | lånade ut en plats | lent a place
Löper snart ut | antecknade att avtalet snart löper ut | noted that the agreement is expiring
Meddela partner och avsluta | meddelade partnern och avslutade | told the partner and closed
Medge extra plats | medgav en extra plats | granted an extra place
Nominera | nominerade studenten | nominated the student
Notera reseavrådan | noterade reseavrådan | noted the travel advice
Ompröva | tog upp ärendet till omprövning | reconsidered the case
Omval till annan institution | registrerade omval till annan institution | recorded a new choice in another department
Partnern godkänner | antecknade att partnern godkänner | recorded that the partner agrees
Partnern har godkänt | antecknade att partnern har godkänt | recorded the partner’s agreement
Partnern har undertecknat | antecknade att partnern har undertecknat | recorded that the partner has signed
Partnern vill ändra | antecknade att partnern vill ändra | recorded that the partner wants changes
Pausa | pausade avtalet | suspended the agreement
Rangordna | rangordnade ansökan | ranked the application
Registrera ansökan | registrerade ansökan | recorded the application
Registrera avbrott | registrerade avbrott | recorded the interruption
Registrera i Ladok | registrerade i Ladok | registered the student in Ladok
Registrera i Ladok i efterhand | registrerade i Ladok i efterhand | registered the student late in Ladok
Registrera omval | registrerade omvalet | recorded the new choice
Registrera underskrift | registrerade en underskrift | recorded a signature
Registrera utebliven | registrerade utebliven | recorded a no-show
Registrera återbud | registrerade återbud | recorded the withdrawal
Skicka betygsutdrag | skickade betygsutdraget | sent the transcript
Skicka för granskning | skickade avtalet för granskning | submitted the agreement for review
Skicka för underskrift | skickade för underskrift | sent it for signature
Skicka kursremiss | skickade kursremissen | sent the courses to the departments
Skicka till partner | skickade avtalet till partnern | sent the agreement to the partner
Slutför förnyelsen | slutförde förnyelsen | completed the renewal
Studentrapport inlämnad | tog emot studentrapporten | filed the student’s report
Svarstiden har gått ut | avslutade väntan: svarstiden har gått ut | ended the wait: no answer came in time
Säg upp | sade upp avtalet | gave notice
Sätt i kraft | satte avtalet i kraft | put the agreement in force
Sätt som reserv | satte studenten som reserv | put the student on the reserve list
Sätt svarsdag | satte svarsdag | set the answer day
Ta ärendet | tog ärendet | took the case
Tacka ja | tackade ja | accepted the place
Tacka nej | tackade nej | declined the place
Underteckna | undertecknade | signed
Uppsägningen gäller | lät uppsägningen börja gälla | let the notice take effect
Utbytet har börjat | antecknade att utbytet har börjat | recorded that the stay has begun
Utbytet har börjat, med avvikelse | antecknade att utbytet börjat, med avvikelse | recorded a start with a deviation
Utfärda försäkringsintyg (Student UT) | utfärdade försäkringsintyg | issued the insurance certificate
Utfärda nytt försäkringsintyg | utfärdade ett nytt försäkringsintyg | reissued the insurance certificate
Villkoret ej uppfyllt | antecknade att villkoret inte är uppfyllt | noted that the condition is not met
Villkoret uppfyllt | antecknade att villkoret är uppfyllt | noted that the condition is met
Ändra platser | ändrade platserna | amended the places
Ändra utkastet | ändrade utkastet | revised the draft
Återkalla | återkallade | withdrew it
Återlämna | återlämnade ärendet | returned the case
Återlämna för ändring | återlämnade avtalet för ändring | returned the agreement for changes
Återuppta | återupptog avtalet | resumed the agreement
"""

DEEDS: Final[Mapping[str, Text]] = {
    label: Text(sv, en)
    for label, sv, en in (tuple(part.strip() for part in line.split("|")) for line in _DEEDS.strip().splitlines())
}


def deed(label: Text) -> Text:
    """What was done, to follow whoever did it."""
    return DEEDS.get(label.sv, Text(f"tog steget ”{label.sv}”", f"took the step “{label.en}”"))
