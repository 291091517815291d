"""Owns turning a patient's wall time into an instant, also on the days when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY_MINUTES = 24 * 60


def at_wall(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Give the aware time; one that the clocks jump over becomes the first minute that exists."""
    moment = datetime.combine(day, wall, tzinfo=zone)
    if _exists(moment):
        return moment
    # Inside a gap the two folds straddle the jump, so the first valid minute lies between them.
    low, high = 0, _DAY_MINUTES
    while low < high:
        middle = (low + high) // 2
        if _exists(moment + timedelta(minutes=middle)):
            high = middle
        else:
            low = middle + 1
    return moment + timedelta(minutes=low)


def _exists(moment: datetime) -> bool:
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) == moment.replace(tzinfo=None)
