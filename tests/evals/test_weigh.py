"""The table of weights: every pair over every kind of question, the weights in use first."""

import pytest

from vigie.evals import weigh
from vigie.index.ranking import RANKING


def test_the_weights_in_use_come_first_and_only_once():
    pairs = weigh.pairs_of(RANKING)
    assert pairs[0] == (RANKING.dense, RANKING.titles)
    assert len(set(pairs)) == len(pairs)


def test_each_pair_is_asked_and_told(bench_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("VIGIE_THREADS", "1")
    monkeypatch.setattr(weigh, "DENSE", (0.0, 1.0))
    monkeypatch.setattr(weigh, "TITLES", (0.0,))
    given = ["--data", str(bench_folder), "--work", str(tmp_path / "work"), "--embedder", "demo"]
    assert weigh.main(given) == 0
    told = capsys.readouterr().out.splitlines()
    assert len({line.partition("  titles")[0] for line in told}) == 3
    assert all("ndcg@10 " in line and "hit@5 " in line for line in told)
    best = [float(line.rpartition("hit@5 ")[2]) for line in told]
    assert max(best) == pytest.approx(1)
