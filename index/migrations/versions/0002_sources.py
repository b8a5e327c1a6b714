"""What is remembered of sources between two rounds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Visits of pages, documents that moved, and how each source's last round went."""
    op.create_table(
        "pages",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("version", sa.Text),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "origin", name="pk_pages"),
    )
    op.create_table(
        "moves",
        sa.Column("former", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("former", name="pk_moves"),
    )
    op.create_index("ix_moves_id", "moves", ["id"])
    op.create_table(
        "rounds",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("code", sa.String(60)),
        sa.Column("values", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("source", name="pk_rounds"),
    )


def downgrade() -> None:
    """The next round asks for every page again."""
    op.drop_table("rounds")
    op.drop_table("moves")
    op.drop_table("pages")
