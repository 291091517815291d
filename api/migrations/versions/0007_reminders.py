"""Reminders: plans, prompts, what was answered, and what people agreed to.

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
WALL = postgresql.TIMESTAMP(timezone=False)


def upgrade() -> None:
    op.create_table('reminder_plan',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=96), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('schedule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('is_own', sa.Boolean(), nullable=False),
    sa.Column('facts_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('stopped_because', sa.String(length=20), nullable=True),
    sa.Column('next_wall', WALL, nullable=True),
    sa.Column('next_at', INSTANT, nullable=True),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['thread.id'], name=op.f('fk_reminder_plan_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_plan')),
    sa.UniqueConstraint('source', name=op.f('uq_reminder_plan_source'))
    )
    op.create_index(op.f('ix_reminder_plan_patient_id'), 'reminder_plan', ['patient_id'], unique=False)
    op.create_index('ix_reminder_plan_due', 'reminder_plan', ['next_at', 'conversation_id'], unique=False, postgresql_where="state = 'active'")
    op.create_table('reminder_prompt',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('wall', WALL, nullable=False),
    sa.Column('due_at', INSTANT, nullable=False),
    sa.Column('useful_until', INSTANT, nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=True),
    sa.Column('outbound_id', sa.String(length=36), nullable=True),
    sa.Column('last_turn', sa.String(length=64), nullable=True),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['thread.id'], name=op.f('fk_reminder_prompt_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_prompt'))
    )
    op.create_index(op.f('ix_reminder_prompt_patient_id'), 'reminder_prompt', ['patient_id'], unique=False)
    op.create_index('ix_reminder_prompt_conversation_id', 'reminder_prompt', ['conversation_id', 'due_at'], unique=False)
    op.create_index('ix_reminder_prompt_due', 'reminder_prompt', ['conversation_id', 'due_at', 'id'], unique=False, postgresql_where="state = 'due'")
    op.create_index('ix_reminder_prompt_waiting', 'reminder_prompt', ['due_at'], unique=False, postgresql_where="state = 'waiting'")
    op.create_table('reminder_item',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('plan_id', sa.String(length=36), nullable=False),
    sa.Column('prompt_id', sa.String(length=36), nullable=False),
    sa.Column('wall', WALL, nullable=False),
    sa.Column('due_at', INSTANT, nullable=False),
    sa.Column('answer', sa.String(length=12), nullable=True),
    sa.Column('evidence', sa.String(length=36), nullable=True),
    sa.Column('skip_reason', sa.String(length=12), nullable=True),
    sa.Column('answered_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['plan_id'], ['reminder_plan.id'], name=op.f('fk_reminder_item_plan_id')),
    sa.ForeignKeyConstraint(['prompt_id'], ['reminder_prompt.id'], name=op.f('fk_reminder_item_prompt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_item')),
    sa.UniqueConstraint('plan_id', 'wall', name=op.f('uq_reminder_item_plan_id_wall'))
    )
    op.create_index(op.f('ix_reminder_item_prompt_id'), 'reminder_item', ['prompt_id'], unique=False)
    op.create_table('reminder_preference',
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('wants_doses', sa.Boolean(), nullable=False),
    sa.Column('names_medicines', sa.Boolean(), nullable=False),
    sa.Column('wants_visits', sa.Boolean(), nullable=False),
    sa.Column('day', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('patient_id', name=op.f('pk_reminder_preference'))
    )
    op.add_column('booking', sa.Column('moves_id', sa.String(length=64), nullable=True))
    op.add_column('outbound', sa.Column('about', sa.String(length=64), nullable=True))
    op.add_column('outbound', sa.Column('useful_until', INSTANT, nullable=True))
    op.add_column('outbound', sa.Column('hours', sa.String(length=8), nullable=True))
    op.add_column('outbound', sa.Column('lease_holder', sa.Integer(), nullable=True))
    op.execute("UPDATE outbound SET hours = 'default'")
    op.alter_column('outbound', 'hours', nullable=False)
    op.drop_index('ix_outbound_open', table_name='outbound', postgresql_where="state = 'ready'")
    op.create_index('ix_outbound_unsettled', 'outbound', ['thread_id', 'seq'], unique=False, postgresql_where="state IN ('ready', 'held', 'sending', 'unknown')")
    op.create_index('ix_escalation_crisis', 'escalation', ['patient_id'], unique=False, postgresql_where="reason = 'crisis'")


def downgrade() -> None:
    op.drop_index('ix_escalation_crisis', table_name='escalation', postgresql_where="reason = 'crisis'")
    op.drop_index('ix_outbound_unsettled', table_name='outbound', postgresql_where="state IN ('ready', 'held', 'sending', 'unknown')")
    op.create_index('ix_outbound_open', 'outbound', ['thread_id', 'seq'], unique=False, postgresql_where="state = 'ready'")
    op.drop_column('outbound', 'lease_holder')
    op.drop_column('outbound', 'hours')
    op.drop_column('outbound', 'useful_until')
    op.drop_column('outbound', 'about')
    op.drop_column('booking', 'moves_id')
    for table in ('reminder_preference', 'reminder_item', 'reminder_prompt', 'reminder_plan'):
        op.drop_table(table)
