"""Where a number may stand."""

from enum import StrEnum


class ConsentState(StrEnum):
    """Where a number stands. UNKNOWN has no row."""

    UNKNOWN = "unknown"
    ASKED = "asked"
    OPTED_IN = "opted_in"
    DECLINED = "declined"
    OPTED_OUT = "opted_out"
