"""Made-up points are like the real ones, and every size is measured the same way."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vigie.assistant.settings import Settings
from vigie.evals import scale
from vigie.evals.command import main
from vigie.evals.scale_measure import overlap
from vigie.evals.scale_points import Padding, Real, RealDocument, pooled, unseen
from vigie.evals.scale_run import window
from vigie.ingest.errors import InvalidValue

DIMENSIONS, TERMS, DOCUMENTS = 32, 30, 200


def documents(seed: int = 0) -> list[RealDocument]:
    """Documents of one to three chunks, with terms as unequal as words are."""
    dice = np.random.default_rng(seed)

    def one(id_: str, document: str, **told: Any) -> Real:
        vector = dice.standard_normal(DIMENSIONS).astype(np.float32)
        terms = np.unique(dice.zipf(1.5, TERMS).clip(max=5000)).astype(np.uint32)
        payload = {"document_id": document, "audience": "public", "kind": "article", **told}
        weights = np.ones(len(terms), dtype=np.float32)
        return Real(id_, payload, {"dense": vector / np.linalg.norm(vector)}, {"words": (terms, weights)})  # fmt: skip # noqa: E501

    return [
        [
            *(
                one(f"{number}-{part}", str(number), text="x" * 900, published="2020-05-01")
                for part in range(1 + number % 3)
            ),
            one(str(number), str(number)),
        ]
        for number in range(DOCUMENTS)
    ]


def made(seed: int = 1, count: int = 400) -> list[list[Any]]:
    return list(islice(Padding(documents(), seed).documents(), count))


def test_the_same_seed_makes_the_same_points_up() -> None:
    first, again, other = made(count=5), made(count=5), made(seed=2, count=5)
    assert first == again
    assert first != other


def test_made_up_documents_have_the_parts_of_real_ones() -> None:
    for document in made():
        own = [one for one in document if one.id == one.payload["document_id"]]
        chunks = [one for one in document if "text" in one.payload]
        assert len(own) == 1 and 1 <= len(chunks) <= 3
        assert len({one.payload["document_id"] for one in document}) == 1
        assert all(len(one.payload["text"]) == 900 for one in chunks)
    ids = [one.id for document in made() for one in document]
    assert len(set(ids)) == len(ids)


def test_made_up_vectors_are_as_long_and_near_what_they_come_from() -> None:
    real = np.stack([one.dense["dense"] for document in documents() for one in document])
    vectors = np.array([one.vector["dense"] for document in made() for one in document])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)
    nearest = (vectors @ real.T).max(axis=1)
    assert 0.6 < np.median(nearest) < 0.99


def test_made_up_terms_are_as_many_and_as_unequal_as_real_ones() -> None:
    def shape(found: list[Any]) -> tuple[float, float]:
        lengths = [len(one) for one in found]
        _, counts = np.unique(np.concatenate(found), return_counts=True)
        return float(np.mean(lengths)), float(np.sort(counts)[-20:].sum() / counts.sum())

    real = [one.sparse["words"][0] for document in documents() for one in document]
    padded = [one.vector["words"].indices for document in made() for one in document]
    assert shape(padded) == pytest.approx(shape(real), rel=0.15)
    known = {int(term) for terms in real for term in terms}
    new = np.mean([term not in known for terms in padded for term in terms])
    expected = unseen(pooled([(terms, terms.astype(np.float32)) for terms in real])[0])
    assert new == pytest.approx(expected / 2, rel=0.5)


def test_filters_of_made_up_documents_select_as_real_ones_do() -> None:
    chunks = [one.payload for document in made(count=2000) for one in document]
    public = np.mean([told["audience"] == "public" for told in chunks])
    assert public == pytest.approx(0.8, abs=0.05)
    days = [told["published"] for told in chunks if "published" in told]
    assert len(days) / len(chunks) == pytest.approx(0.8, abs=0.05)
    first, last = window(days, len(chunks))
    assert np.mean([first <= day <= last for day in days]) == pytest.approx(0.0125, abs=0.005)


def test_overlap_is_the_share_of_what_exact_search_finds() -> None:
    assert overlap({"a": ["1", "2"], "b": []}, {"a": ["1", "3"], "b": []}) == 0.5


def test_each_size_is_measured_once_by_each_layout(
    settings: Settings, bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What decides whether an earlier figure still holds; somebody may be editing the code.
    monkeypatch.setattr(scale, "code_digest", lambda: "same code")
    written = tmp_path / "scale.json"
    typed = ["scale", "--sizes", "300", "--layouts", "exact,int8", "--data", str(bench_folder)]
    assert main([*typed, "--json", str(written)], settings) == 0
    exact, codes = json.loads(written.read_text(encoding="utf-8"))["figures"]
    assert exact["chunks"] == codes["chunks"] == 300
    assert exact["overlap"] == exact["dense_overlap"] == 1
    assert codes["overlap"] >= 0.95 and codes["dense_overlap"] >= 0.95
    assert exact["hit"] == codes["hit"] == 1
    assert codes["order_seconds"] > 0 and codes["disk"] > 0 and codes["search"][0] > 0

    def again(*_: Any) -> Any:
        raise AssertionError("measured twice")

    monkeypatch.setattr(scale, "apart", again)
    assert main([*typed, "--json", str(written)], settings) == 0


@pytest.mark.parametrize("wrong", [["--sizes", "many"], ["--sizes", "0"], ["--layouts", "cubic"]])
def test_a_wrong_size_or_layout_is_named(settings: Settings, wrong: list[str]) -> None:
    with pytest.raises(InvalidValue) as raised:
        main(["scale", *wrong], settings)
    assert wrong[1] in raised.value.message("fr")
