"""The one-time code that opens the record in the web chat.

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    # Who is known already is known by number and birth date. The defaults are for the rows that
    # are there; new ones say what they have.
    op.add_column('conversation', sa.Column('level', sa.SmallInteger(), nullable=False, server_default='1'))
    op.add_column('conversation', sa.Column('code_lookup', sa.LargeBinary(), nullable=True))
    op.add_column('conversation', sa.Column('code_expires_at', INSTANT, nullable=True))
    op.add_column('conversation', sa.Column('code_tries_left', sa.SmallInteger(), nullable=False, server_default='0'))
    op.add_column('conversation', sa.Column('codes_failed', sa.SmallInteger(), nullable=False, server_default='0'))
    op.create_table('code_text',
    sa.Column('turn_id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.PrimaryKeyConstraint('turn_id', name=op.f('pk_code_text'))
    )
    op.create_index('ix_code_text_patient', 'code_text', ['patient_id', 'at'], unique=False)
    op.create_index('ix_code_text_conversation', 'code_text', ['conversation_id', 'at'], unique=False)


def downgrade() -> None:
    op.drop_table('code_text')
    for column in ('codes_failed', 'code_tries_left', 'code_expires_at', 'code_lookup', 'level'):
        op.drop_column('conversation', column)
