"""Reading dates and times of booking requests. Pure. Not: which service or clinician is wanted."""

from api.scheduling.reader.reader import read_when
from api.scheduling.reader.reading import Choice, Reading, to_wire
from api.scheduling.reader.windows import Window, windows

__all__ = ["Choice", "Reading", "Window", "read_when", "to_wire", "windows"]
