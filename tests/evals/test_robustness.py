"""The same questions written otherwise: what the rules change, what they keep, what is told."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from vigie.assistant.settings import Settings
from vigie.evals.command import main
from vigie.evals.dataset import Item, sample_questions
from vigie.evals.perturbations import (
    RULES,
    Perturbed,
    capitals,
    perturbed,
    sms,
    story,
    typos,
    unaccented,
)

QUESTION = "Où déposer la demande d’aide de l’association, et jusqu’à quand ?"


def draw(seed: int = 1) -> Random:
    return Random(seed)


def item(name: str, question: str, *relevant: str) -> Item:
    return Item(name, question, frozenset(relevant))


def test_capitals_have_no_accent() -> None:
    assert capitals("Où est l’œuvre ?", draw()) == "OU EST L’OEUVRE ?"
    assert unaccented("Où est l’œuvre ?", draw()) == "Ou est l’oeuvre ?"


@pytest.mark.parametrize("seed", range(30))
def test_a_typo_changes_one_content_word_and_never_its_first_letter(seed: int) -> None:
    before = re.findall(r"\w+", QUESTION)
    after = re.findall(r"\w+", typos(QUESTION, draw(seed)))
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) <= 1
    for was, now in changed:
        assert len(was) >= 5 and now[0] == was[0]


def test_text_speak_has_no_accented_word_apostrophe_nor_stop() -> None:
    written = sms(QUESTION, draw())
    assert not set("’'?,") & set(written)
    assert "association" not in written and "demande" in written


@pytest.mark.parametrize("seed", range(10))
def test_a_story_keeps_the_question_whole(seed: int) -> None:
    written = story(QUESTION, draw(seed))
    assert QUESTION in written
    assert len(written) > len(QUESTION) + 20


def test_the_same_questions_are_always_written_the_same() -> None:
    items = [item(f"q{n}", QUESTION, "a") for n in range(4)]
    assert perturbed(items) == perturbed(items)
    assert {one.text for one in perturbed(items)["typos"]} != {QUESTION}


def test_two_questions_are_joined_only_about_different_documents() -> None:
    same = [item("a", "Qui dirige ?", "x"), item("b", "Qui préside ?", "x")]
    assert "joined" not in perturbed(same)
    (pair,) = perturbed([same[0], item("c", "Quand ferme-t-il ?", "y")])["joined"]
    assert isinstance(pair, Perturbed)
    assert {one.id for one in pair.items} == {"a", "c"}


def test_what_a_rule_leaves_as_it_was_is_not_asked_again() -> None:
    assert "unaccented" not in perturbed([item("a", "Qui dirige le club ?", "x")])


def test_the_shipped_english_questions_are_those_of_the_sample() -> None:
    written = perturbed(sample_questions())
    assert len(written["english"]) >= 30
    assert all(one.items[0].answerable for one in written["english"])
    assert set(written) == {*RULES, "joined", "english"}


def test_the_command_tells_what_each_writing_loses(
    settings: Settings, bench_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "otherwise.json"
    assert main(["robustness", "--data", str(bench_folder), "--json", str(path)], settings) == 0
    shown = capsys.readouterr().out
    assert "« petit » : les mêmes questions écrites autrement" in shown
    assert "Style SMS" in shown and "hit@5" in shown
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert {row["perturbation"] for row in rows} >= {"capitals", "sms", "story", "joined"}
    assert all(row["clean"].keys() == row["changed"].keys() for row in rows)


def test_help_names_the_command(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"], settings) == 0
    assert "vigie eval robustness" in capsys.readouterr().out
