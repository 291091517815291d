"""Staff, their sign-in and their sessions.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('staff_member',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('totp_secret', sa.LargeBinary(), nullable=False),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('added_at', INSTANT, nullable=False),
    sa.Column('disabled_at', INSTANT, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_member')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_member_email'))
    )
    op.create_table('staff_session',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('member_id', sa.String(length=36), nullable=False),
    sa.Column('opened_at', INSTANT, nullable=False),
    sa.Column('active_at', INSTANT, nullable=False),
    sa.Column('ends_at', INSTANT, nullable=False),
    sa.Column('locked_at', INSTANT, nullable=True),
    sa.Column('wrong_unlocks', sa.Integer(), nullable=False),
    sa.Column('ended_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['staff_member.id'], name=op.f('fk_staff_session_member_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_session'))
    )
    op.create_index('ix_staff_session_member_id', 'staff_session', ['member_id'], unique=False)
    op.create_table('staff_tries',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('last_at', INSTANT, nullable=False),
    sa.Column('blocked_until', INSTANT, nullable=True),
    sa.Column('forget_at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_staff_tries'))
    )
    op.create_index(op.f('ix_staff_tries_forget_at'), 'staff_tries', ['forget_at'], unique=False)


def downgrade() -> None:
    op.drop_table('staff_tries')
    op.drop_table('staff_session')
    op.drop_table('staff_member')
