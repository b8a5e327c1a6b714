"""The reader's preferred language among ours."""

import pytest

from vigie.ui.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("de, *;q=0.1", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr;q=0.2, en;q=0.7", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("en;q=beaucoup", "fr"),
        ("EN-us", "en"),
    ],
)
def test_the_heaviest_known_language_wins(header: str | None, language: str) -> None:
    assert preferred(header) == language
