"""Everyone who may come in, as one database keeps them."""

from vigie.index.schema import Database
from vigie.ui.identity.accounts import Accounts
from vigie.ui.identity.attempts import Attempts
from vigie.ui.identity.keys import Keys
from vigie.ui.identity.later import Later
from vigie.ui.identity.widgets import Widgets


class Identities:
    """Keys, accounts and widgets of one database, whose engines its opener closes."""

    def __init__(self, database: Database) -> None:
        self._later = Later()
        self.keys = Keys(database, self._later)
        self.accounts = Accounts(database)
        self.attempts = Attempts()
        self.widgets = Widgets(database, self._later)

    def finish(self) -> None:
        """Writes what was left for later."""
        self._later.finish()
