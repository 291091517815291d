"""The sandbox's mail catcher: what would go out stays here, to be read on a page."""

from typing import override

from sqlalchemy.dialects.postgresql import insert

from api.core.db import Database
from api.sandbox.models import SandboxMailRow
from integrations.ports.mail import Mail, Mailer


class CaughtMail(Mailer):
    """Takes every mail, in a transaction of its own, as a server elsewhere would.

    A mail that comes twice is kept once: its Message-ID is known.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @override
    async def send(self, mail: Mail) -> None:
        row = {
            "message_id": mail.id,
            "to": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "at": mail.at,
        }
        async with self._database.transaction() as session:
            await session.execute(insert(SandboxMailRow).values(row).on_conflict_do_nothing())
