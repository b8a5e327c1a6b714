"""Keys, accounts and widgets of the database that the served application reads."""

from collections.abc import Iterator

import httpx
import pytest

from vigie.assistant.build import Vigie
from vigie.ui.identity.store import Identities


@pytest.fixture
def identities(vigie: Vigie) -> Iterator[Identities]:
    opened = Identities(vigie.catalogue.database)
    yield opened
    opened.finish()


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as opened:
        yield opened
