"""One-time links to the private questions of forms.

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('form_link',
    sa.Column('form_id', sa.String(length=36), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', INSTANT, nullable=False),
    sa.Column('tries_left', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['form_id'], ['intake_form.id'], name=op.f('fk_form_link_form_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['thread.id'], name=op.f('fk_form_link_conversation_id')),
    sa.PrimaryKeyConstraint('form_id', name=op.f('pk_form_link')),
    sa.UniqueConstraint('lookup', name=op.f('uq_form_link_lookup'))
    )


def downgrade() -> None:
    op.drop_table('form_link')
