"""The composition root: the one place that names an adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.conversations.line import Line
from api.conversations.undelivered import Undelivered
from api.core.clock import Clock, SandboxClock, SystemClock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.events import Announcements
from api.core.ids import new_id
from api.core.presence import Presence
from api.core.settings import Settings
from api.core.smtp_url import read_smtp_url
from api.escalations.ladder import Ladder
from api.escalations.notices import Postroom
from api.escalations.service import in_crisis
from api.gateway.service import Gateway
from api.intake import waiting
from api.intake.desk import Desk as FormDesk
from api.messaging.clinic import Clinic, load_clinics
from api.messaging.outbox import Outbox
from api.messaging.pace import Pace
from api.messaging.receiver import Receivers
from api.messaging.webhooks import STATUS_PATH, Webhooks
from api.messaging.words import Catalogue
from api.reminders import prompts
from api.reminders.desk import Desk as ReminderDesk
from api.reminders.medicines import load_vocabulary as load_medicine_words
from api.safety.lexicon import load_lexicon
from api.scheduling.desk import Desk, DirectoryCache
from api.scheduling.request import load_vocabulary
from api.staff.passwords import Passwords
from api.staff.service import Desk as StaffDesk, members
from integrations.email.smtp import SmtpMailer
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.dialogue import DialogueEngine
from integrations.ports.fhir import FhirBackend
from integrations.ports.mail import Mailer
from integrations.ports.sms import SmsChannel
from integrations.rasa.engine import RasaEngine
from integrations.twilio.sms import TwilioSms

ROOT = Path(__file__).resolve().parents[1]
NLU_DATA = ROOT / "nlu_data"
CATALOGUE = ROOT / "api" / "messaging" / "catalogue"
DEFAULT_CLINIC = "lakeside"


@dataclass(frozen=True)
class Ports:
    """Everything a process is made of."""

    settings: Settings
    database: Database
    keyring: Keyring
    clock: Clock
    engine: DialogueEngine
    backend: FhirBackend
    gateway: Gateway
    sms: SmsChannel
    clinic: Clinic
    desk: Desk
    line: Line
    outbox: Outbox
    webhooks: Webhooks
    announcements: Announcements
    ladder: Ladder
    postroom: Postroom
    staff: StaffDesk


def build_ports(
    settings: Settings,
    *,
    engine: Callable[[DialogueEngine, Database], DialogueEngine] | None = None,
    backend: Callable[[FhirBackend, Database], FhirBackend] | None = None,
    mailer: Callable[[Database], Mailer] | None = None,
) -> Ports:
    """Build the ports of one process.

    The sandbox wraps its fault switches around engine and store, and catches the mail.
    """
    database = Database(settings.database_url)
    keyring = Keyring(
        database,
        kek=settings.key_encryption_key,
        lookup_key=settings.careline_lookup_key.get_secret_value(),
    )
    rasa: DialogueEngine = RasaEngine(
        url=settings.rasa_url,
        token=settings.rasa_token.get_secret_value(),
        timeout_s=settings.engine_timeout_s,
    )
    store: FhirBackend = EmbeddedBackend(new_id)
    return _assemble(
        settings,
        database,
        keyring,
        engine(rasa, database) if engine else rasa,
        backend(store, database) if backend else store,
        mailer(database) if mailer else _mailer(settings),
    )


def _assemble(
    settings: Settings,
    database: Database,
    keyring: Keyring,
    engine: DialogueEngine,
    backend: FhirBackend,
    mailer: Mailer,
) -> Ports:
    clock: Clock = SandboxClock(database) if settings.is_sandbox else SystemClock()
    gateway = Gateway(database, backend, keyring, clock)
    clinic = load_clinics(NLU_DATA / "faq")[DEFAULT_CLINIC]
    desk = _desk(database, keyring, clock, gateway, clinic)
    sms = _sms(settings)
    line = _line(settings, desk, engine, clinic)
    return Ports(
        settings=settings,
        database=database,
        keyring=keyring,
        clock=clock,
        engine=engine,
        backend=backend,
        gateway=gateway,
        sms=sms,
        clinic=clinic,
        desk=desk,
        line=line,
        outbox=_outbox(settings, line, sms),
        webhooks=Webhooks(database, keyring, clock, sms, settings.base_url),
        announcements=Announcements(database),
        ladder=Ladder(database, keyring, clinic, members, settings.base_url),
        postroom=Postroom(database, keyring, clock, mailer),
        staff=StaffDesk(database, keyring, Passwords()),
    )


def _desk(
    database: Database, keyring: Keyring, clock: Clock, gateway: Gateway, clinic: Clinic
) -> Desk:
    return Desk(
        database=database,
        keyring=keyring,
        clock=clock,
        gateway=gateway,
        zone=clinic.zone,
        vocabulary=load_vocabulary(NLU_DATA / "booking_words.yml"),
        directory=DirectoryCache(),
    )


def _line(settings: Settings, desk: Desk, engine: DialogueEngine, clinic: Clinic) -> Line:
    return Line(
        database=desk.database,
        keyring=desk.keyring,
        clock=desk.clock,
        engine=engine,
        gateway=desk.gateway,
        desk=desk,
        reminders=_reminders(desk),
        forms=FormDesk(desk.database, desk.keyring, desk.clock, desk.gateway, desk.zone),
        lexicon=load_lexicon(NLU_DATA / "red_flags"),
        catalogue=Catalogue(CATALOGUE),
        clinic=clinic,
        token_key=settings.careline_token_key.get_secret_value(),
        base_url=settings.base_url,
        presence=Presence(desk.database),
    )


def _reminders(desk: Desk) -> ReminderDesk:
    words = load_medicine_words(NLU_DATA)
    return ReminderDesk(desk.database, desk.keyring, desk.clock, desk.gateway, desk.zone, words)


def _sms(settings: Settings) -> SmsChannel:
    return TwilioSms(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        sender=settings.twilio_messaging_service_sid or settings.twilio_from,
        api_base=settings.twilio_api_base,
    )


def _mailer(settings: Settings) -> Mailer:
    return SmtpMailer(read_smtp_url(settings.smtp_url.get_secret_value()))


def _outbox(settings: Settings, line: Line, sms: SmsChannel) -> Outbox:
    still_true = {
        prompts.ABOUT: lambda id_: prompts.why_untrue(line.reminders, id_),
        waiting.ABOUT: lambda id_: waiting.why_untrue(line.database, id_),
    }
    receivers = Receivers(
        line.database, line.keyring, line.gateway, line.clinic, still_true, frozen=in_crisis
    )
    undelivered = Undelivered(line.keyring, line.clock)
    return Outbox(
        database=line.database,
        keyring=line.keyring,
        clock=line.clock,
        sms=sms,
        facts_of=receivers.facts_of,
        opted_out=receivers.opted_out,
        given_up=undelivered.tell,
        lock=undelivered.lock,
        status_url=f"{settings.base_url}{STATUS_PATH}",
        pace=Pace(settings.sms_rate),
        presence=line.presence,
    )
