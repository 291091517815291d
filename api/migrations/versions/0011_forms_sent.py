"""When a form was sent, and which version of its answers that was: it can be corrected afterwards.

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column('intake_form', sa.Column('sent_at', INSTANT, nullable=True))
    op.add_column('intake_form', sa.Column('sent_version', sa.Integer(), nullable=True))
    # Those that were sent already can be corrected as well.
    op.execute(
        "UPDATE intake_form SET sent_at = changed_at"
        " WHERE state = 'closed' AND notice ->> 'response' = 'form_done'"
    )


def downgrade() -> None:
    op.drop_column('intake_form', 'sent_version')
    op.drop_column('intake_form', 'sent_at')
