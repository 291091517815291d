"""Taking a visitor's messages and giving the transcript."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.conversations import service as conversations, transcript, visitors
from api.conversations.line import Line
from api.conversations.transcript import Said
from api.core.ids import ConversationId
from api.widget import sessions
from api.widget.limits import Limits
from api.widget.sessions import Visit
from api.widget.streams import Streams


@dataclass(frozen=True)
class Chat:
    """What the chat needs; built once in `bootstrap`."""

    line: Line
    limits: Limits
    streams: Streams


async def receive(chat: Chat, visit: Visit, id_: str, text: str) -> int:
    """Store a visitor's message once; its position in the transcript, the same for a repeat."""
    await sessions.stay(chat.line, visit)
    return await conversations.receive_web(chat.line, visit.conversation, id_, text)


async def messages_after(chat: Chat, conversation: ConversationId, position: int) -> Sequence[Said]:
    """The transcript after a position, as far as the visitor may see it."""
    async with chat.line.database.transaction() as session:
        position = max(position, await visitors.hidden_to(session, conversation))
        return await transcript.after(session, chat.line.keyring, conversation, position)
