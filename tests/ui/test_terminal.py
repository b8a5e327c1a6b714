"""What a terminal shows of an answer and of an ingestion."""

from typing import Any

import pytest

from vigie.ui.terminal import Terminal, printable

SOURCE: dict[str, Any] = {
    "number": 1,
    "title": "Bilan\x1b[2J du Fonds",
    "kind": "report",
    "publisher": "Estran",
    "published": "2024-02-01",
    "modified": None,
    "place": {"kind": "page", "label": "3"},
    "quote": "Le Fonds [red]aide[/red]\n 128 associations.",
    "url": "https://rivage.example/",
    "source_url": "http://127.0.0.1:8000/sources/x?start=1&end=2#passage",
}
ANSWER: dict[str, Any] = {
    "text": "Le Fonds \x1b]0;pris\x07aide 128 associations. [1]",
    "notice": "",
    "abstained": False,
    "citations": [SOURCE],
    "consulted": [],
    "facets": [],
}
COUNTS = {"found": 2, "done": 2, "unchanged": 0, "failed": 1, "chunks": 3, "seconds": 0.5}


def test_text_loses_what_could_command_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07c\x9bd\re\nf\u202eg\tœ") == "a[31mbcde\nfg œ"
    assert printable("1\u202f200\xa0€") == "1\u202f200\xa0€"


def test_an_answer_streams_then_lists_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    events = [("delta", {"text": ANSWER["text"], "citations": []}), ("done", ANSWER)]
    assert Terminal("fr").answer(events, linked=True) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x07" not in out
    assert out.count("aide 128 associations. [1]") == 1
    assert "[1] Bilan[2J du Fonds" in out
    assert "Estran · Rapport · 1er février 2024 · page 3" in out
    assert "« Le Fonds [red]aide[/red] 128 associations. »" in out
    assert SOURCE["source_url"] in out


def test_without_a_server_only_addresses_that_open_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Terminal("en").answer([("done", ANSWER)], linked=False) == 0
    shown = capsys.readouterr()
    assert "https://rivage.example/" in shown.out and "/sources/" not in shown.out
    assert "vigie serve" in shown.err


@pytest.mark.parametrize(("status", "ended"), [(422, 2), (404, 2), (500, 1), (503, 1)])
def test_a_failure_goes_to_standard_error_with_its_status(
    capsys: pytest.CaptureFixture[str], status: int, ended: int
) -> None:
    problem = {"status": status, "detail": "Pas de réponse.", "code": "x"}
    assert Terminal("fr").answer([("error", problem)], linked=False) == ended
    assert Terminal("fr").answer_json([("error", problem)]) == ended
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("Pas de réponse.") == 2


def test_an_ingestion_ends_with_its_counts_and_its_failures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failure = COUNTS | {
        "done": 1,
        "current": "a.pdf",
        "code": "x",
        "message": "« a.pdf » illisible.",
    }
    events = [("failure", failure), ("progress", COUNTS | {"current": "b.md"})]
    assert Terminal("fr").ingestion(events) == 1
    told = capsys.readouterr().err
    assert "Fichiers indexés : 1 ; inchangés : 0 ; en échec : 1. Passages ajoutés : 3." in told
    assert told.rstrip().endswith("- « a.pdf » illisible.")


def test_a_long_ingestion_tells_a_log_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    events = [
        ("progress", COUNTS | {"failed": 0, "seconds": float(second), "current": "a"})
        for second in range(12)
    ]
    assert Terminal("en").ingestion(events) == 0
    assert capsys.readouterr().err.count("files, 3 passages") == 2


def test_an_empty_folder_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert Terminal("fr").ingestion([]) == 0
    assert "Aucun fichier" in capsys.readouterr().err


def test_conditions_understood_from_the_question_are_told_on_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    facets = [
        {"id": "kind:report", "label": "Rapports", "kind": "filter"},
        {"id": "recent", "label": "Les plus récents", "kind": "boost"},
    ]
    assert Terminal("fr").answer([("done", ANSWER | {"facets": facets})], linked=False) == 0
    told = "Critères compris dans la question : Rapports seulement ; Les plus récents en priorité."
    assert told in capsys.readouterr().out.splitlines()
