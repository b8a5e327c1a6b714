"""Whitening: what it does to vectors, what it is worth as a file, and which model carries one."""

import numpy as np
import pytest

from vigie.index import sentence_transformer, whitening
from vigie.index.embedders import Embedder, load_embedder
from vigie.index.whitening import Whitening, fit, read

DIMENSIONS = 12


@pytest.fixture
def crowded() -> np.ndarray:
    """Two thousand vectors in a narrow cone, some of its directions much wider than others."""
    rng = np.random.default_rng(0)
    widths = np.geomspace(1, 0.01, DIMENSIONS)
    rows = 2 + rng.normal(size=(2000, DIMENSIONS)) * widths
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def cosines(rows: np.ndarray) -> np.ndarray:
    return (rows @ rows.T)[~np.eye(len(rows), dtype=bool)]


def test_unrelated_vectors_end_up_apart_and_keep_length_one(crowded):
    spread = fit(crowded).apply(crowded)
    assert cosines(crowded).mean() > 0.8
    assert abs(cosines(spread).mean()) < 0.02
    assert np.linalg.norm(spread, axis=1) == pytest.approx(1, abs=1e-5)
    assert spread.dtype == np.float32


def test_narrow_directions_count_more_than_before_but_less_than_wide_ones(crowded):
    def widths(rows):
        return np.sqrt(np.linalg.eigvalsh(np.cov(rows, rowvar=False)))[::-1]

    before = crowded - crowded.mean(axis=0)
    fitted = fit(crowded)
    after = before @ fitted.matrix
    assert widths(after)[0] / widths(after)[4] < widths(before)[0] / widths(before)[4]
    assert widths(after)[0] > widths(after)[4]


def test_what_is_read_back_gives_the_very_same_vectors(crowded, tmp_path):
    fitted = fit(crowded)
    fitted.write(tmp_path / whitening.FILE)
    again = read(tmp_path / whitening.FILE)
    assert np.array_equal(again.apply(crowded), fitted.apply(crowded))
    assert again.digest() == fitted.digest()


def test_a_file_of_another_kind_is_refused(tmp_path):
    with (tmp_path / "other.npz").open("wb") as file:
        np.savez(file, weights=np.zeros(3))
    with pytest.raises(ValueError, match="matrix"):
        read(tmp_path / "other.npz")


def test_a_vector_at_the_mean_has_no_direction_and_stays_finite(crowded):
    fitted = fit(crowded)
    assert np.isfinite(fitted.apply(fitted.mean[None])).all()


@pytest.fixture(scope="module")
def bare() -> Embedder:
    return load_embedder("packaged", threads=1)


@pytest.fixture(scope="module")
def whitened() -> Embedder:
    return load_embedder("whitened", threads=1)


def test_the_whitened_model_is_another_revision_of_the_packaged_one(bare, whitened):
    spread = read(sentence_transformer.WHITENING)
    texts = ["Le don ouvre droit à une réduction d’impôt.", "Un bail de trois ans", "Statuts"]
    expected = spread.apply(bare.embed_documents(texts))
    assert whitened.embed_documents(texts) == pytest.approx(expected, abs=1e-3)
    assert whitened.embed_query(texts[0]) @ expected[0] > 0.9999
    assert whitened.name == bare.name
    assert whitened.revision != bare.revision


def test_french_texts_with_nothing_in_common_no_longer_look_alike(bare, whitened):
    texts = [
        "La cotisation annuelle est payée en janvier.",
        "Le pommier fleurit au printemps dans le verger.",
        "Le ministre a signé le décret hier soir.",
        "Notre équipe de football joue dimanche à Brest.",
    ]
    before = cosines(bare.embed_documents(texts)).mean()
    assert abs(cosines(whitened.embed_documents(texts)).mean()) < before / 2


def test_another_whitening_is_another_revision(tmp_path, bare):
    rows = np.eye(4, dtype=np.float32)
    one = Whitening(rows[0], rows)
    other = Whitening(rows[1], rows)
    folder = tmp_path
    (folder / "model.safetensors").write_bytes(b"weights")
    revisions = {sentence_transformer.revision(folder, spread) for spread in (None, one, other)}
    assert len(revisions) == 3
