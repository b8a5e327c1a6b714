"""Documents, the files that they come from, and failures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The first tables."""
    create_documents()
    create_origins_and_failures()


def create_documents() -> None:
    """One row for each document, with its text."""
    op.create_table(
        "documents",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("publisher", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("published", sa.Date),
        sa.Column("modified", sa.Date),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("places", sa.JSON, nullable=False),
        sa.Column("record", sa.JSON(none_as_null=True)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_source_origin", "documents", ["source", "origin"])
    op.create_index("ix_documents_audience_kind", "documents", ["audience", "kind"])


def create_origins_and_failures() -> None:
    """One row for each file that was read, or that could not be."""
    op.create_table(
        "origins",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("source", "origin", name="pk_origins"),
    )
    op.create_table(
        "failures",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "location", name="pk_failures"),
    )


def downgrade() -> None:
    """Everything can be indexed again from its sources."""
    op.drop_table("failures")
    op.drop_table("origins")
    op.drop_table("documents")
