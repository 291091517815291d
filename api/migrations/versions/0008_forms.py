"""Forms that are being filled in: where each stands.

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table('intake_form',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.Column('patient_id', sa.String(length=64), nullable=False),
    sa.Column('questionnaire', sa.String(length=512), nullable=False),
    sa.Column('task_id', sa.String(length=64), nullable=True),
    sa.Column('before_visit', sa.Boolean(), nullable=False),
    sa.Column('response_id', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('at', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('input', sa.String(length=8), nullable=False),
    sa.Column('given', sa.Integer(), nullable=False),
    sa.Column('notice', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('last_turn', sa.String(length=64), nullable=False),
    sa.Column('next_step', sa.String(length=8), nullable=True),
    sa.Column('next_at', INSTANT, nullable=True),
    sa.Column('opened_at', INSTANT, nullable=False),
    sa.Column('changed_at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['thread.id'], name=op.f('fk_intake_form_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intake_form'))
    )
    op.create_index(op.f('ix_intake_form_conversation_id'), 'intake_form', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_intake_form_patient_id'), 'intake_form', ['patient_id'], unique=False)
    op.create_index('ix_intake_form_due', 'intake_form', ['next_at'], unique=False, postgresql_where='next_at IS NOT NULL')
    op.create_index('uq_intake_form_task', 'intake_form', ['task_id'], unique=True)
    op.create_index('uq_intake_form_open', 'intake_form', ['conversation_id'], unique=True, postgresql_where="state IN ('asking', 'review')")


def downgrade() -> None:
    op.drop_table('intake_form')
