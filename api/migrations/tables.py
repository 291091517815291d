"""Every table of ours: those of `api` and those of the embedded FHIR store."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

from api.core import clock, crypto
from api.core.db import Base
from integrations.fhir.embedded import tables as embedded

API = Path(__file__).resolve().parents[1]
CORE_TABLES = (clock.SandboxClockRow, crypto.DataKeyRow)


def all_tables() -> list[MetaData]:
    """The wanted tables; a table is known once the module that declares it is imported."""
    for file in sorted(API.glob("*/models.py")):
        import_module(f"api.{file.parent.name}.models")
    return [Base.metadata, embedded.metadata]
