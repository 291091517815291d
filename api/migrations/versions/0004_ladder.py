"""Escalations that climb, and the e-mail that tells of them.

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
NEW_COLUMNS = (
    sa.Column('due_at', INSTANT, nullable=True),
    sa.Column('ladder_step', sa.String(length=16), nullable=True),
    sa.Column('next_step_at', INSTANT, nullable=True),
    sa.Column('assignee_id', sa.String(length=36), nullable=True),
    sa.Column('assignee_name', sa.String(), nullable=True),
    sa.Column('acknowledged_at', INSTANT, nullable=True),
    sa.Column('acknowledged_by', sa.String(length=36), nullable=True),
    sa.Column('resolved_at', INSTANT, nullable=True),
    sa.Column('resolved_by', sa.String(length=36), nullable=True),
    sa.Column('outcome', sa.String(length=24), nullable=True),
)
# What is open already is due as it would have been; nobody is told of it by e-mail now.
DUE_AS_NOW = """
UPDATE escalation SET due_at = opened_at + CASE priority
    WHEN 'stat' THEN interval '5 minutes' WHEN 'asap' THEN interval '15 minutes'
    WHEN 'urgent' THEN interval '1 hour' ELSE interval '4 hours' END
"""
OPENED = """
INSERT INTO escalation_event (escalation_id, at, kind, actor, detail)
SELECT id, opened_at, 'opened', 'system', rule FROM escalation
"""


def upgrade() -> None:
    for column in NEW_COLUMNS:
        op.add_column('escalation', column)
    op.execute(DUE_AS_NOW)
    op.alter_column('escalation', 'due_at', nullable=False)
    op.create_index('ix_escalation_due', 'escalation', ['next_step_at'], unique=False, postgresql_where="state = 'open'")
    op.create_table('escalation_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('escalation_id', sa.String(length=36), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('actor', sa.String(length=36), nullable=False),
    sa.Column('detail', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalation.id'], name=op.f('fk_escalation_event_escalation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_escalation_event'))
    )
    op.create_index(op.f('ix_escalation_event_escalation_id'), 'escalation_event', ['escalation_id'], unique=False)
    op.execute(OPENED)
    op.create_table('staff_notice',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('escalation_id', sa.String(length=36), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('written_at', INSTANT, nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('retry_at', INSTANT, nullable=True),
    sa.Column('lease_until', INSTANT, nullable=True),
    sa.Column('sent_at', INSTANT, nullable=True),
    sa.Column('code', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalation.id'], name=op.f('fk_staff_notice_escalation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notice')),
    sa.UniqueConstraint('escalation_id', 'step', 'address', name=op.f('uq_staff_notice_escalation_id_step_address'))
    )
    op.create_index('ix_staff_notice_open', 'staff_notice', ['retry_at'], unique=False, postgresql_where="state IN ('ready', 'sending')")
    # Nothing was ever caught before this version.
    op.execute('DELETE FROM sandbox_mail')
    op.add_column('sandbox_mail', sa.Column('message_id', sa.String(length=64), nullable=False))
    op.create_unique_constraint(op.f('uq_sandbox_mail_message_id'), 'sandbox_mail', ['message_id'])


def downgrade() -> None:
    op.drop_constraint(op.f('uq_sandbox_mail_message_id'), 'sandbox_mail')
    op.drop_column('sandbox_mail', 'message_id')
    op.drop_table('staff_notice')
    op.drop_table('escalation_event')
    op.drop_index('ix_escalation_due', table_name='escalation')
    for column in reversed(NEW_COLUMNS):
        op.drop_column('escalation', column.name)
