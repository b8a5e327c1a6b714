"""Cross-encoders that run on this machine's processor through sentence-transformers."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from transformers import AutoConfig
from transformers.utils import logging as transformers_logging

from vigie.index.hub import found_folder
from vigie.ingest.errors import InvalidValue, Reason, Unavailable

# Tokens of question and passage together: a passage fills one embedder's budget at most, and the
# time grows with the length.
LONGEST = 512
CLASSIFIER = "ForSequenceClassification"
SETTING = "VIGIE_RERANKER"


@dataclass(frozen=True, eq=False)
class LocalCrossEncoder:
    """A model of one output, in a folder; tokenizers may not be shared between threads."""

    name: str
    folder: Path
    threads: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def score(self, question: str, passages: Sequence[str]) -> list[float]:
        """Raw outputs; the first call reads the weights. Raises Unavailable for other models."""
        if not passages:
            return []
        with self.lock:
            found = self._model.predict(
                [(question, passage) for passage in passages],
                batch_size=len(passages),
                activation_fn=torch.nn.Identity(),
                show_progress_bar=False,
            )
        return [float(value) for value in np.asarray(found, dtype=np.float32)]

    @cached_property
    def _model(self) -> CrossEncoder:
        torch.set_num_threads(self.threads)
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model: CrossEncoder = CrossEncoder(
                str(self.folder), device="cpu", local_files_only=True
            )
        except (OSError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise Unavailable(what=self.name, reason=reason) from error
        model.max_seq_length = min(model.max_seq_length or LONGEST, LONGEST)
        return model


def named(name: str, threads: int) -> LocalCrossEncoder:
    """A folder, or a model of the hub: from the local cache first, else downloaded.

    Raises InvalidValue for a classifier of several outputs, which gives no order.
    """
    folder = found_folder(name)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise Unavailable(what=name, reason=str(error).partition("\n")[0]) from error
    classifies = any(kind.endswith(CLASSIFIER) for kind in config.architectures or ())
    if classifies and config.num_labels != 1:
        raise InvalidValue(name=SETTING, value=name, expected=Reason("index.one_score"))
    return LocalCrossEncoder(name, folder, threads)
