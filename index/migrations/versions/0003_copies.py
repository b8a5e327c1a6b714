"""Places that hold the same document, and articles that were published again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Documents that are there already are looked at by the next ingestion."""
    with op.batch_alter_table("documents") as documents:
        documents.add_column(sa.Column("content", sa.String(64)))
        documents.add_column(sa.Column("words", sa.Integer, nullable=False, server_default="0"))
        documents.create_index("ix_documents_content", ["content"])
    create_copies()
    op.create_table(
        "samples",
        sa.Column("document_id", sa.String(36), nullable=False),
        sa.Column("hash", sa.BigInteger, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("document_id", "hash", name="pk_samples"),
    )
    op.create_index("ix_samples_hash", "samples", ["hash"])
    op.create_table(
        "twins",
        sa.Column("document_id", sa.String(36), nullable=False),
        sa.Column("twin_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "twin_id", name="pk_twins"),
    )
    op.create_index("ix_twins_twin_id", "twins", ["twin_id"])


def create_copies() -> None:
    """One row for each place of a document but the first."""
    op.create_table(
        "copies",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("document_id", sa.String(36), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("author", sa.Text),
        sa.Column("published", sa.Date),
        sa.Column("modified", sa.Date),
        sa.Column("url", sa.Text),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_copies"),
    )
    op.create_index("ix_copies_document_id", "copies", ["document_id"])
    op.create_index("ix_copies_source_origin", "copies", ["source", "origin"])


def downgrade() -> None:
    """Documents known by a copy alone are indexed again from their sources."""
    op.execute(
        "DELETE FROM origins WHERE EXISTS (SELECT 1 FROM copies WHERE copies.source ="
        " origins.source AND copies.origin = origins.origin)"
    )
    op.drop_table("twins")
    op.drop_table("samples")
    op.drop_table("copies")
    with op.batch_alter_table("documents") as documents:
        documents.drop_index("ix_documents_content")
        documents.drop_column("words")
        documents.drop_column("content")
