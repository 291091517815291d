"""Chat sessions that go idle, and what opens them.

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('chat_token',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('session_id', sa.String(length=36), nullable=False),
    sa.Column('is_confirmed', sa.Boolean(), nullable=False),
    sa.Column('opened_at', INSTANT, nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['chat_session.id'], name=op.f('fk_chat_token_session_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_chat_token'))
    )
    op.create_index(op.f('ix_chat_token_session_id'), 'chat_token', ['session_id'], unique=False)
    op.execute(
        'INSERT INTO chat_token (token_hash, session_id, is_confirmed, opened_at, expires_at)'
        ' SELECT token_hash, id, true, opened_at, expires_at FROM chat_session'
    )
    op.add_column('chat_session', sa.Column('resume_hash', sa.LargeBinary(), nullable=True))
    op.add_column('chat_session', sa.Column('active_at', INSTANT, nullable=True))
    op.add_column('chat_session', sa.Column('wrong_tries', sa.Integer(), nullable=True))
    op.add_column('chat_session', sa.Column('ended_at', INSTANT, nullable=True))
    op.execute('UPDATE chat_session SET active_at = opened_at, wrong_tries = 0')
    op.alter_column('chat_session', 'active_at', nullable=False)
    op.alter_column('chat_session', 'wrong_tries', nullable=False)
    op.create_unique_constraint(op.f('uq_chat_session_resume_hash'), 'chat_session', ['resume_hash'])
    op.drop_constraint(op.f('uq_chat_session_token_hash'), 'chat_session')
    op.drop_column('chat_session', 'token_hash')


def downgrade() -> None:
    op.add_column('chat_session', sa.Column('token_hash', sa.LargeBinary(), nullable=True))
    op.execute(
        'UPDATE chat_session s SET token_hash = (SELECT token_hash FROM chat_token t'
        ' WHERE t.session_id = s.id AND t.is_confirmed ORDER BY opened_at DESC LIMIT 1)'
    )
    op.drop_index(op.f('ix_chat_token_session_id'), table_name='chat_token')
    op.drop_table('chat_token')
    op.execute('DELETE FROM chat_session WHERE token_hash IS NULL')
    op.alter_column('chat_session', 'token_hash', nullable=False)
    op.create_unique_constraint(op.f('uq_chat_session_token_hash'), 'chat_session', ['token_hash'])
    op.drop_constraint(op.f('uq_chat_session_resume_hash'), 'chat_session')
    op.drop_column('chat_session', 'ended_at')
    op.drop_column('chat_session', 'wrong_tries')
    op.drop_column('chat_session', 'active_at')
    op.drop_column('chat_session', 'resume_hash')
