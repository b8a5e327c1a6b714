"""Addresses: ours are built in one place, others are followed only when they are web pages."""

import pytest

from vigie.ui.links import external_url, source_url


class Cited:
    document_id, start, end = "a/b", 3, 9


def test_a_source_opens_at_its_passage() -> None:
    assert source_url(Cited()) == "/sources/a%2Fb?start=3&end=9#passage"
    assert source_url(Cited(), "https://v.example/", "en") == (
        "https://v.example/sources/a%2Fb?start=3&end=9&lang=en#passage"
    )


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "file:///etc/passwd"]
    + ["//evil.example", "http://", "http://[", " https", "dossier/rapport.pdf"],
)
def test_what_is_no_web_page_is_no_link(url: str | None) -> None:
    assert external_url(url) is None


def test_a_web_page_is_a_link() -> None:
    assert external_url("https://rivage.example/a?b=c") == "https://rivage.example/a?b=c"
