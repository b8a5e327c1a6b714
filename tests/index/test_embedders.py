"""Embedders: the packaged model, a folder made here, the fallback, and the one for tests."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from vigie.index import embedders, hub, sentence_transformer, whitening
from vigie.index.embedders import load_embedder
from vigie.ingest.errors import BackendMissing, SourceMissing

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "query", "passage", ":", "don", "subvention", "bilan"]
LIMIT = 32


@pytest.fixture(scope="module")
def packaged():
    return load_embedder("packaged", threads=1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with random weights, a few kilobytes."""
    folder = tmp_path_factory.mktemp("models")
    bare = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, "[UNK]"))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    bare.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bare, sep_token="[SEP]", model_max_length=LIMIT, **special
    )
    tokenizer.save_pretrained(folder / "bert")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=LIMIT,
    )
    BertModel(config).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=LIMIT)
    pooling = Pooling(transformer.get_embedding_dimension())
    model = SentenceTransformer(modules=[transformer, pooling], device="cpu")
    model.save(str(folder / "tiny"))
    return folder / "tiny"


def with_prompts(folder: Path, copy: Path, prompts: dict[str, str]) -> Path:
    for path in folder.rglob("*"):
        if path.is_file():
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    config = copy / "config_sentence_transformers.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(told | {"prompts": prompts}), encoding="utf-8")
    return copy


def test_the_packaged_model_tells_its_budget_without_special_tokens(packaged):
    assert (packaged.name, packaged.dimensions, packaged.budget) == ("all-MiniLM-L6-v2", 384, 254)
    assert packaged.fallback_from is None
    assert packaged.prefixes == ("", "")


def test_vectors_have_length_one_and_keep_the_order_of_the_texts(packaged):
    texts = ["Don.", "Une association loi 1901 reçoit une subvention de sa commune. " * 9, "Bilan"]
    vectors = packaged.embed_documents(texts)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    for text, vector in zip(texts, vectors, strict=True):
        assert vector @ packaged.embed_query(text) > 0.999
    assert packaged.embed_documents([]).shape == (0, 384)


def test_what_is_close_in_meaning_is_close_in_vectors(packaged):
    near, far = packaged.embed_documents(["Funding for a nonprofit", "The weather in May"])
    query = packaged.embed_query("grants for charities")
    assert query @ near > query @ far


def test_counting_is_not_cut_at_the_limit_of_the_model(packaged):
    assert packaged.count("don " * 1000) >= 1000
    assert packaged.count("") == 0


def test_a_question_does_not_wait_for_a_batch_of_documents(packaged):
    encoding = threading.Thread(target=packaged.embed_documents, args=(["don " * 200] * 64,))
    encoding.start()
    time.sleep(0.1)
    packaged.embed_query("subvention")
    assert encoding.is_alive()
    encoding.join()


def test_both_views_share_the_weights(packaged):
    pairs = zip(
        packaged.queries.model.parameters(), packaged.documents.model.parameters(), strict=True
    )
    assert all(one is other for one, other in pairs)
    assert packaged.queries.model.tokenizer is not packaged.documents.model.tokenizer


def test_a_folder_is_loaded_with_its_name_and_the_digest_of_its_weights(tiny):
    embedder = load_embedder(str(tiny), threads=1)
    assert (embedder.name, embedder.dimensions, embedder.budget) == ("tiny", 16, LIMIT - 2)
    assert len(embedder.revision) == 12
    assert embedder.count("don subvention") == 2


def test_the_prefixes_of_the_model_go_before_what_is_encoded(tiny, tmp_path):
    prompts = {"query": "query: ", "document": "passage: "}
    prefixed = load_embedder(str(with_prompts(tiny, tmp_path / "own", prompts)), threads=1)
    bare = load_embedder(str(tiny), threads=1)
    assert prefixed.prefixes == ("query: ", "passage: ")
    assert prefixed.budget == bare.budget - 2
    assert prefixed.revision == bare.revision
    assert prefixed.embed_query("don") == pytest.approx(bare.embed_query("query: don"), abs=1e-2)
    assert prefixed.embed_documents(["don"])[0] == pytest.approx(
        bare.embed_query("passage: don"), abs=1e-2
    )


def pooled(folder: Path, copy: Path, **pooling: object) -> Path:
    target = with_prompts(folder, copy, {"query": "query : ", "document": ""})
    (config,) = target.glob("*_Pooling/config.json")
    told = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(told | pooling), encoding="utf-8")
    return target


@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode": "mean"},
        {"pooling_mode": "cls"},
        {"pooling_mode": "max"},
        {"pooling_mode": "mean", "include_prompt": False},
    ],
    ids=lambda pooling: "-".join(map(str, pooling.values())),
)
def test_the_short_way_of_a_question_gives_the_vector_of_the_long_one(tiny, tmp_path, pooling):
    embedder = load_embedder(str(pooled(tiny, tmp_path / "model", **pooling)), threads=1)
    for text in ("don", "subvention bilan don", "bilan " * 2 * LIMIT):
        (long,) = embedder.queries.encode([text], embedder.prefixes[0])
        assert embedder.embed_query(text) @ long > 0.9999


def test_the_short_way_cuts_vectors_where_the_model_says_so(tiny, tmp_path):
    folder = with_prompts(tiny, tmp_path / "cut", {})
    config = folder / "config_sentence_transformers.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(told | {"truncate_dim": 8}), encoding="utf-8")
    embedder = load_embedder(str(folder), threads=1)
    (long,) = embedder.queries.encode(["don"], "")
    assert embedder.embed_query("don") == pytest.approx(long, abs=1e-3)


def test_a_folder_may_hold_a_whitening_of_its_own(tiny, tmp_path):
    folder = with_prompts(tiny, tmp_path / "spread", {})
    bare = load_embedder(str(folder), threads=1)
    texts = ["don", "subvention", "bilan", "don bilan", "don subvention", "bilan subvention"] * 4
    fitted = whitening.fit(bare.embed_documents(texts))
    fitted.write(folder / whitening.FILE)
    spread = load_embedder(str(folder), threads=1)
    assert spread.revision != bare.revision
    row = bare.embed_query("don")
    assert spread.embed_query("don") @ fitted.apply(row[None])[0] > 0.99


def test_a_known_family_gets_its_prefixes_without_prompts_of_its_own(tiny, tmp_path):
    folder = with_prompts(tiny, tmp_path / "multilingual-e5-small", {})
    assert load_embedder(str(folder), threads=1).prefixes == ("query: ", "passage: ")


def test_a_folder_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(SourceMissing):
        load_embedder(str(tmp_path / "absent"), threads=1)


OFFLINE = """
from vigie.index.embedders import load_embedder
from vigie.ingest.errors import Unavailable
embedder = load_embedder("auto", threads=1)
assert embedder.fallback_from == "ibm-granite/granite-embedding-107m-multilingual"
assert embedder.name == "all-MiniLM-L6-v2"
try:
    load_embedder("someone/some-model", threads=1)
except Unavailable as error:
    assert "someone/some-model" in str(error)
else:
    raise AssertionError
"""


def test_without_network_auto_falls_back_on_the_packaged_model_and_says_so(tmp_path):
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", OFFLINE], env=environment, check=True, timeout=120)


def test_a_hub_that_never_answers_is_left_after_two_seconds(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        start = time.monotonic()
        assert not hub.hub_answers("someone/some-model")
        assert time.monotonic() - start < hub.PROBE_SECONDS + 0.5


def test_offline_the_hub_is_not_even_asked(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "ENDPOINT", "no URL at all")
    assert not hub.hub_answers("someone/some-model")


def test_an_index_built_with_the_packaged_model_keeps_it():
    embedder = load_embedder("auto", threads=1, built_with="all-MiniLM-L6-v2")
    assert embedder.name == "all-MiniLM-L6-v2"


def test_the_demo_embedder_is_close_where_stems_are_shared():
    demo = load_embedder("demo", threads=1)
    same, half, other = demo.embed_documents(["les subventions", "subvention, bilan", "mécénat"])
    query = demo.embed_query("subvention")
    assert query @ same == pytest.approx(1)
    assert query @ half == pytest.approx(2**-0.5)
    assert query @ other == 0
    assert np.linalg.norm(demo.embed_query("de la")) == 1


def test_a_library_that_is_not_installed_is_named_with_its_cure(monkeypatch):
    monkeypatch.setitem(embedders.PACKAGES, "no_such_library", "no-such-library")
    with pytest.raises(BackendMissing, match="pip install no-such-library"):
        load_embedder("packaged", threads=1)


def test_bf16_is_used_only_where_the_processor_has_it(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nflags : fpu avx2 avx512_bf16\n", encoding="utf-8")
    assert sentence_transformer.processor_has_bf16(cpuinfo)
    cpuinfo.write_text("processor : 0\nflags : fpu avx2\n", encoding="utf-8")
    assert not sentence_transformer.processor_has_bf16(cpuinfo)
    assert not sentence_transformer.processor_has_bf16(tmp_path / "absent")
