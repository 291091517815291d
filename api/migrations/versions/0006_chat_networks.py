"""From where a chat was opened.

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Chats that are open now are not known to be from anywhere: they are come back to as before.
    op.add_column('chat_session', sa.Column('opened_from', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('chat_session', 'opened_from')
