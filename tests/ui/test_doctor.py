"""`vigie doctor`: speeds are measured here and now, and a reranker is named or its cure is."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from vigie.assistant.settings import Settings
from vigie.ui.doctor import Finding, findings
from vigie.ui.terminal import Terminal

SPEED, RERANKER = "Vitesse du modèle de recherche", "Modèle de reclassement"


@pytest.fixture
def cross_encoder(tmp_path: Path) -> Path:
    """A folder with a cross-encoder of random weights, a few kilobytes."""
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[SEP]", "subvention"])}
    bare = Tokenizer(models.WordLevel(words, "[UNK]"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bare, pad_token="[PAD]", unk_token="[UNK]", sep_token="[SEP]"
    )
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=1,
    )
    folder = tmp_path / "cross-encoder"
    tokenizer.save_pretrained(folder)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings(embedder="demo", data_dir=tmp_path / "var", threads=1, **values)


def told(chosen: Settings, name: str) -> Finding:
    found = findings(chosen, Terminal(chosen.language))
    return next(finding for finding in found if finding.name == name)


def test_the_speed_of_the_embedder_is_measured_even_without_a_document(tmp_path):
    assert "ms par question" in told(settings(tmp_path), SPEED).value


def test_a_reranker_is_named_with_its_pace(tmp_path, cross_encoder):
    finding = told(settings(tmp_path, reranker=str(cross_encoder)), RERANKER)
    assert finding.cure is None
    assert str(cross_encoder) in finding.value and "ms par passage" in finding.value


def test_no_reranker_is_nothing_to_mend(tmp_path):
    assert told(settings(tmp_path), RERANKER) == Finding(RERANKER, "aucun")


def test_a_reranker_that_is_not_there_is_told_with_its_cure(tmp_path):
    finding = told(settings(tmp_path, reranker=str(tmp_path / "absent")), RERANKER)
    assert finding.cure and "absent" in finding.cure
