"""Conversations that people hold.

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

QUEUED = "queue_rank IS NOT NULL AND state <> 'snoozed'"
PUT_OFF = "queue_rank IS NOT NULL AND state = 'snoozed'"
ORDER = ['queue_rank', 'queue_due_at', 'id']
INSTANT = postgresql.TIMESTAMP(timezone=True)
# What people owned before there were states is open, and behind what has a deadline.
TAKE_OVER = """
    UPDATE conversation SET state = 'open', queue_rank = 3, queue_due_at = created_at,
        queue_opened_at = created_at
    WHERE owner = 'human'
"""
ESCALATED = """
    UPDATE conversation c SET queue_rank = e.rank, queue_due_at = e.opened_at,
        queue_opened_at = e.opened_at, queue_reason = e.reason
    FROM (
        SELECT DISTINCT ON (conversation_id) conversation_id, reason, opened_at,
            array_position(ARRAY['stat', 'asap', 'urgent', 'routine'], priority::text) - 1 AS rank
        FROM escalation WHERE state <> 'resolved' ORDER BY conversation_id, rank, opened_at
    ) e WHERE e.conversation_id = c.id
"""
LAST_WORDS = """
    UPDATE conversation c SET patient_position = m.position
    FROM (
        SELECT conversation_id, max(position) AS position FROM message
        WHERE speaker = 'patient' GROUP BY conversation_id
    ) m WHERE m.conversation_id = c.id
"""


def upgrade() -> None:
    _conversations()
    op.add_column('message', sa.Column('sender_id', sa.String(length=64), nullable=True))
    op.add_column('message', sa.Column('client_id', sa.String(length=64), nullable=True))
    op.create_index('uq_message_client_id', 'message', ['conversation_id', 'client_id'], unique=True, postgresql_where='client_id IS NOT NULL')
    op.create_table('note',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=True),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_note_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note')),
    sa.UniqueConstraint('conversation_id', 'client_id', name=op.f('uq_note_conversation_id_client_id'))
    )
    op.create_table('conversation_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('act', sa.String(length=16), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=True),
    sa.Column('detail', sa.String(length=40), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_conversation_event_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation_event'))
    )
    op.create_index(op.f('ix_conversation_event_conversation_id'), 'conversation_event', ['conversation_id'], unique=False)
    op.create_table('inbox_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_event'))
    )
    op.create_table('watcher',
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('staff_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('is_writing', sa.Boolean(), nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'staff_id', name=op.f('pk_watcher'))
    )


def _conversations() -> None:
    table = 'conversation'
    op.add_column(table, sa.Column('state', sa.String(length=8), nullable=False, server_default='bot'))
    op.add_column(table, sa.Column('assignee_id', sa.String(length=64), nullable=True))
    op.add_column(table, sa.Column('assignee_name', sa.String(length=80), nullable=True))
    op.add_column(table, sa.Column('name_sealed', sa.LargeBinary(), nullable=True))
    op.add_column(table, sa.Column('patient_position', sa.Integer(), nullable=False, server_default='0'))
    op.add_column(table, sa.Column('waiting_since', INSTANT, nullable=True))
    op.add_column(table, sa.Column('read_position', sa.Integer(), nullable=False, server_default='0'))
    op.add_column(table, sa.Column('snoozed_until', INSTANT, nullable=True))
    op.add_column(table, sa.Column('queue_rank', sa.SmallInteger(), nullable=True))
    op.add_column(table, sa.Column('queue_due_at', INSTANT, nullable=True))
    op.add_column(table, sa.Column('queue_reason', sa.String(length=24), nullable=True))
    op.add_column(table, sa.Column('queue_opened_at', INSTANT, nullable=True))
    op.add_column(table, sa.Column('version', sa.Integer(), nullable=False, server_default='0'))
    for column in ('state', 'patient_position', 'read_position', 'version'):
        op.alter_column(table, column, server_default=None)
    for statement in (TAKE_OVER, ESCALATED, LAST_WORDS):
        op.execute(statement)
    op.create_index('ix_conversation_queue', table, ORDER, unique=False, postgresql_where=QUEUED)
    op.create_index('ix_conversation_queue_mine', table, ['assignee_id', *ORDER], unique=False, postgresql_where=QUEUED)
    op.create_index('ix_conversation_queue_unassigned', table, ORDER, unique=False, postgresql_where=f'{QUEUED} AND assignee_id IS NULL')
    op.create_index('ix_conversation_snoozed', table, ORDER, unique=False, postgresql_where=PUT_OFF)
    op.create_index('ix_conversation_wakes', table, ['snoozed_until'], unique=False, postgresql_where="state = 'snoozed'")


def downgrade() -> None:
    for table in ('watcher', 'inbox_event', 'conversation_event', 'note'):
        op.drop_table(table)
    op.drop_index('uq_message_client_id', 'message')
    op.drop_column('message', 'client_id')
    op.drop_column('message', 'sender_id')
    for index in ('wakes', 'snoozed', 'queue_unassigned', 'queue_mine', 'queue'):
        op.drop_index(f'ix_conversation_{index}', 'conversation')
    for column in (
        'version', 'queue_opened_at', 'queue_reason', 'queue_due_at', 'queue_rank', 'snoozed_until',
        'read_position', 'waiting_since', 'patient_position', 'name_sealed', 'assignee_name', 'assignee_id', 'state',
    ):
        op.drop_column('conversation', column)
