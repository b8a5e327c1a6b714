"""Who asks: keys, accounts and widgets, kept in the one database."""
