"""Run by Alembic: which tables there ought to be, and the connection they are changed on."""

from collections.abc import Mapping

from alembic import context
from sqlalchemy import Connection, MetaData
from sqlalchemy.schema import SchemaItem

from api.migrations.tables import all_tables

JOB_ENGINE_PREFIX = "pgqueuer"


def is_ours(
    _item: SchemaItem, name: str | None, kind: str, _reflected: object, _against: SchemaItem | None
) -> bool:
    """Leave the job engine's tables alone: it makes and changes them itself."""
    return not (kind == "table" and (name or "").startswith(JOB_ENGINE_PREFIX))


def migrate(connection: Connection, tables: list[MetaData]) -> None:
    """Bring the database to the wanted version, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=tables,
        include_object=is_ours,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


attributes: Mapping[str, Connection] = context.config.attributes
migrate(attributes["connection"], all_tables())
