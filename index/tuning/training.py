"""Training with in-batch negatives by sentence-transformers' trainer, made to stop and go on."""

import json
import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import (
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.util import cos_sim
from transformers import PrinterCallback, TrainerCallback, TrainerControl, TrainerState
from transformers.utils import logging as transformers_logging

from vigie.index.sentence_transformer import processor_has_bf16
from vigie.index.tuning.batches import batches
from vigie.index.tuning.pairs import Pair
from vigie.index.whitening import Whitening

# Of AdamW, at its height.
RATE = 1e-4
WARM_UP = 0.1
# A step of AdamW forgets gradients sooner than by default: there are hundreds of steps, not
# thousands.
BETAS = (0.9, 0.99)
SCALE = 20.0
LARGEST_GRADIENT = 1.0
# Steps between two lines, and between two checkpoints: a killed run loses a few minutes at most.
LINE, CHECKPOINT = 10, 20
STATE = "trainer_state.json"


@dataclass(frozen=True, slots=True)
class Step:
    """How far training is: `remaining` is in seconds, `score` None until there is a new one."""

    step: int
    steps: int
    loss: float
    score: float | None
    remaining: float


@dataclass(frozen=True, slots=True)
class Course:
    """What a run is held to, the same when it goes on: steps, seconds, and their batches."""

    steps: int
    seconds: float
    size: int
    rate: float
    seed: int


@dataclass
class Clock(TrainerCallback):
    """Time spent training over all the parts of a run, which its checkpoints hold.

    The rate of learning falls with whichever ends first, the steps or the time, so that a busy
    machine gives a shorter course and not a broken one.
    """

    course: Course
    tell: Callable[[Step], None]
    judge: Callable[[], float]
    interrupted: bool = False
    before: float = 0.0
    begun: float = field(default_factory=time.monotonic)
    score: float | None = None

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.begun

    def progress(self, step: int) -> float:
        """From 0 to 1."""
        return min(1.0, max(step / self.course.steps, self.seconds / self.course.seconds))

    def rate(self, step: int) -> float:
        """Share of the full rate of learning: it rises over the warm-up, then falls to 0."""
        done = self.progress(step)
        # The first step comes before any progress, and must still move something.
        return min(max(done, 1 / self.course.steps) / WARM_UP, (1 - done) / (1 - WARM_UP))

    def on_train_begin(
        self, args: Any, state: TrainerState, control: TrainerControl, **rest: Any
    ) -> None:
        self.before = max((line.get("seconds", 0.0) for line in state.log_history), default=0.0)
        self.begun = time.monotonic()

    def on_step_end(
        self, args: Any, state: TrainerState, control: TrainerControl, **rest: Any
    ) -> None:
        over = self.progress(state.global_step) >= 1
        control.should_training_stop = control.should_training_stop or over or self.interrupted
        control.should_save = control.should_save or control.should_training_stop
        control.should_log = control.should_log or control.should_save

    def on_log(
        self, args: Any, state: TrainerState, control: TrainerControl, logs: Any = None, **rest: Any
    ) -> None:
        if "loss" not in (logs or {}):
            return
        state.log_history[-1]["seconds"] = self.seconds
        if control.should_save and not self.interrupted:
            self.score = self.judge()
        done = self.progress(state.global_step)
        remaining = self.seconds * (1 - done) / max(done, 1e-9)
        step, steps = state.global_step, self.course.steps
        self.tell(Step(step, steps, float(logs["loss"]), self.score, remaining))


class Planned(DefaultBatchSampler):
    """Batches decided beforehand: those of a run that goes on are those it would have had."""

    plan: Sequence[list[int]] = ()

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.plan)

    def __len__(self) -> int:
        return len(self.plan)


class Trainer(SentenceTransformerTrainer):
    """The library's trainer on a given course."""

    clock: Clock
    plan: Sequence[list[int]]

    def get_batch_sampler(self, dataset: Dataset, *given: Any, **values: Any) -> Planned:
        sampler = Planned(dataset, *given, **values)
        sampler.plan = self.plan
        return sampler

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """None: it would write examples of the documents into the model's card."""

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> torch.optim.lr_scheduler.LRScheduler:
        clock = self.clock
        used = optimizer or self.optimizer
        assert used is not None  # the trainer makes it first
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(used, lambda step: clock.rate(step))
        return self.lr_scheduler


def train(
    model: SentenceTransformer,
    pairs: Sequence[Pair],
    course: Course,
    folder: Path,
    tell: Callable[[Step], None],
    judge: Callable[[], float],
    spread: Whitening,
) -> float:
    """Trains the model in place, from the last checkpoint in `folder` if any; gives the seconds.

    Vectors are compared once `spread`. `judge` scores the model while it trains. Raises
    KeyboardInterrupt on Ctrl-C once the step under way is saved, at once on a second one.
    """
    _without_dropout(model)
    clock = Clock(course, tell, judge)
    columns = {"anchor": [p.anchor for p in pairs], "positive": [p.passage for p in pairs]}
    disable_progress_bars()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loss = MultipleNegativesRankingLoss(
        model,
        scale=SCALE,
        similarity_fct=_cosines(spread),
        directions=("query_to_doc", "doc_to_query"),
        partition_mode="per_direction",
    )
    trainer = Trainer(
        model=model,
        args=_arguments(course, folder),
        train_dataset=Dataset.from_dict(columns),
        loss=loss,
        callbacks=[clock],
    )
    trainer.clock = clock
    trainer.plan = list(islice(batches(pairs, course.size, course.seed), course.steps))
    trainer.remove_callback(PrinterCallback)
    last = last_checkpoint(folder)
    with _stopping(clock):
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    if clock.interrupted:
        raise KeyboardInterrupt
    return clock.seconds


def last_checkpoint(folder: Path) -> Path | None:
    """The latest that was wholly written: the trainer's state is its last file."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: -int(path.name.split("-")[1]))
    return next((path for path in found if _whole(path)), None)


def _whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _arguments(course: Course, folder: Path) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        max_steps=course.steps,
        per_device_train_batch_size=course.size,
        learning_rate=course.rate,
        weight_decay=0.0,
        adam_beta1=BETAS[0],
        adam_beta2=BETAS[1],
        max_grad_norm=LARGEST_GRADIENT,
        # Half the time where the processor computes in bf16; the weights stay in full precision.
        bf16=processor_has_bf16(),
        use_cpu=True,
        logging_steps=LINE,
        save_steps=CHECKPOINT,
        save_total_limit=2,
        seed=course.seed,
        disable_tqdm=True,
        report_to="none",
        dataloader_pin_memory=False,
    )


def _without_dropout(model: SentenceTransformer) -> None:
    """Hundreds of steps over thousands of pairs overfit nothing, and dropout costs a tenth."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def _cosines(spread: Whitening) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Between whitened vectors, in full precision: in bf16, similar passages have equal scores.

    A model that crowds a language into a corner would spend its steps on getting out of it.
    """
    mean, matrix = torch.from_numpy(spread.mean), torch.from_numpy(spread.matrix)

    def cosines(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return cos_sim((first.float() - mean) @ matrix, (second.float() - mean) @ matrix)

    return cosines


@contextmanager
def _stopping(clock: Clock) -> Iterator[None]:
    """The first Ctrl-C lets the step end and be saved."""

    def ask(signum: int, frame: object) -> None:
        if clock.interrupted:
            raise KeyboardInterrupt
        clock.interrupted = True

    former = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def steps_for(pairs: int, size: int, passes: float) -> int:
    """Batches in so many passes over the pairs, one at least."""
    return max(1, math.ceil(passes * pairs / size))
