"""What stands for the name of a texter whom nobody has identified: the end of their number."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.queue import Row
from api.core.crypto import Keyring
from api.core.ids import ConversationId
from api.messaging import threads
from api.messaging.kinds import Channel

SHOWN_DIGITS: Final = 4


async def ends_of_numbers(
    session: AsyncSession, keyring: Keyring, rows: Iterable[Row]
) -> Mapping[ConversationId, str]:
    """The last digits of the numbers of those rows that have no name and come by text."""
    wanted = [row.conversation for row in rows if not row.name and row.channel is Channel.SMS]
    if not wanted:
        return {}
    found = await threads.addresses_of(session, keyring, wanted)
    return {id_: f"•••-{number[-SHOWN_DIGITS:]}" for id_, number in found.items()}
