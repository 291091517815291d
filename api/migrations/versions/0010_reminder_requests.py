"""Half-made requests for reminders, what people were asked, and what the record shows of plans.

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('reminder_request',
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('blank', sa.String(length=8), nullable=True),
    sa.Column('half_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('last_turn', sa.String(length=64), nullable=True),
    sa.Column('reply_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['thread.id'], name=op.f('fk_reminder_request_conversation_id')),
    sa.PrimaryKeyConstraint('conversation_id', name=op.f('pk_reminder_request'))
    )
    # Who has said already whether a text may name a medicine is not known: nobody is asked twice
    # who agreed.
    op.add_column('reminder_preference', sa.Column('asked_names_at', INSTANT, nullable=True))
    op.execute("UPDATE reminder_preference SET asked_names_at = changed_at WHERE names_medicines")
    op.add_column('reminder_plan', sa.Column('shown', sa.String(length=8), nullable=True))
    op.create_index('ix_reminder_plan_unshown', 'reminder_plan', ['id'], unique=False, postgresql_where="shown = 'active' AND state <> 'active'")


def downgrade() -> None:
    op.drop_index('ix_reminder_plan_unshown', table_name='reminder_plan', postgresql_where="shown = 'active' AND state <> 'active'")
    op.drop_column('reminder_plan', 'shown')
    op.drop_column('reminder_preference', 'asked_names_at')
    op.drop_table('reminder_request')
