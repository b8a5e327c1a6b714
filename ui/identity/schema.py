"""Tables of keys, accounts and widgets; no secret is in them, only hashes."""

import sqlalchemy as sa

from vigie.index.schema import METADATA

# The hash is SHA-256 of the whole key: 32 random bytes need no slow hash.
keys = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary(32), nullable=False),
    sa.Column("audience", sa.String(20), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True)),
    sa.Column("used", sa.DateTime(timezone=True)),
    sa.Column("revoked", sa.DateTime(timezone=True)),
)

accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.String(20), primary_key=True),
    # What is typed to sign in, in lower case; an address for accounts of a provider.
    sa.Column("name", sa.String(200), nullable=False),
    # Argon2; NULL for an account of a provider, which no password opens.
    sa.Column("password", sa.Text),
    # SHA-256 of issuer and subject, for an account of a provider.
    sa.Column("subject", sa.String(64)),
    sa.Column("audience", sa.String(20), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    # Part of each session: a new one ends all that were opened before.
    sa.Column("stamp", sa.String(20), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used", sa.DateTime(timezone=True)),
    sa.Column("disabled", sa.DateTime(timezone=True)),
    sa.Index("ix_accounts_name", "name", unique=True),
    sa.Index("ix_accounts_subject", "subject", unique=True),
)

widgets = sa.Table(
    "widgets",
    METADATA,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("origins", sa.JSON, nullable=False),
    sa.Column("daily", sa.Integer, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked", sa.DateTime(timezone=True)),
)

# What was asked through each widget, by day (UTC).
widget_days = sa.Table(
    "widget_days",
    METADATA,
    sa.Column("widget_id", sa.String(20), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)
