"""A corpus whose titles share no word with their passages, and a tiny untrained model."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from vigie.index.hub import weights_digest
from vigie.index.tuning.preparation import Base
from vigie.ingest.documents import Document, Kind

# What a title calls a thing, and what its passages call it.
CALLED = {
    "argent": "subvention",
    "voiture": "véhicule",
    "patron": "employeur",
    "logis": "appartement",
    "gamin": "enfant",
    "toubib": "médecin",
    "boulot": "travail",
    "bouquin": "livre",
    "vélo": "bicyclette",
    "cantine": "restauration",
    "bac": "examen",
    "mairie": "commune",
}
FILLERS = "dossier demande année service public règle délai pièce montant bureau".split()


def corpus(count: int) -> list[Document]:
    """Documents about three things each, called otherwise in the title than in the text."""
    dice = random.Random(0)
    made = []
    for number in range(count):
        things = dice.sample(sorted(CALLED), 3)
        paragraphs = []
        for _ in range(2):
            words = [CALLED[thing] for thing in things]
            told = [f"Le {word} relève du {dice.choice(FILLERS)}." for word in words]
            other = f"Le {dice.choice(FILLERS)} suit le {dice.choice(FILLERS)} dans ce {number}."
            paragraphs.append(" ".join([*told, other]))
        made.append(
            Document(
                source="essai",
                location=f"{number}.html",
                text="\n\n".join(paragraphs),
                title=" ".join(things).capitalize(),
                kind=Kind.ARTICLE,
            )
        )
    return made


@pytest.fixture(scope="session")
def documents() -> list[Document]:
    return corpus(240)


@pytest.fixture
def walk(documents: list[Document]) -> Callable[[], Iterator[Document]]:
    return lambda: iter(documents)


def tiny(folder: Path) -> Base:
    """A BERT of two layers that knows letters, and the words of the corpus, but not their sense."""
    torch.manual_seed(0)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,:>'’-"
    plain = normalizers.BertNormalizer().normalize_str
    words = [plain(word) for word in (*CALLED, *CALLED.values(), *FILLERS, "le", "du", "releve")]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = list(dict.fromkeys([*special, *letters, *(f"##{c}" for c in letters), *words]))
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    cutter = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    cutter.normalizer = normalizers.BertNormalizer()
    cutter.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    cutter.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    tokens = {f"{name}_token": token for name, token in names.items()}
    fast = PreTrainedTokenizerFast(tokenizer_object=cutter, model_max_length=128, **tokens)
    size = {"hidden_size": 32, "intermediate_size": 64, "max_position_embeddings": 128}
    config = BertConfig(vocab_size=len(pieces), num_hidden_layers=2, num_attention_heads=2, **size)
    BertModel(config).save_pretrained(folder / "parts")
    fast.save_pretrained(folder / "parts")
    network = Transformer(str(folder / "parts"), max_seq_length=128)
    pooling = Pooling(network.get_embedding_dimension(), pooling_mode="mean")
    model = SentenceTransformer(modules=[network, pooling], device="cpu")
    model.save(str(folder / "tiny"), create_model_card=False)
    path = folder / "tiny"
    return Base(str(path), "tiny", str(path), weights_digest(path))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return tiny(tmp_path_factory.mktemp("model"))
