"""Everything that may be asked of the gateway."""

from api.gateway.booking import Book, Cancel, Find, Hold, ReleaseExpired, Reschedule
from api.gateway.everything import Everything
from api.gateway.interaction import Interaction
from api.gateway.rest import BulkCreate, Create, History, Read, Search, Update

__all__ = [
    "Book",
    "BulkCreate",
    "Cancel",
    "Create",
    "Everything",
    "Find",
    "History",
    "Hold",
    "Interaction",
    "Read",
    "ReleaseExpired",
    "Reschedule",
    "Search",
    "Update",
]
