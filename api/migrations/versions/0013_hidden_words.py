"""What was said before a visitor came back stays hidden until a code proves who it is.

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Chats that are open now stay as they are; whoever comes back to one later hides what is before.
    op.add_column('conversation', sa.Column('hidden_to', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    op.drop_column('conversation', 'hidden_to')
