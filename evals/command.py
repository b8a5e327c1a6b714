"""`vigie eval`: measures a configuration and holds it to its floors; names the other commands."""

import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name

from vigie.assistant.settings import Settings
from vigie.evals import gate, report, results
from vigie.evals.arguments import BELOW, MISUSED, OK, Misused, show, tell
from vigie.evals.benches import Bench, benches, sample_bench
from vigie.evals.dataset import load_all
from vigie.evals.measure import measure
from vigie.evals.options import Options, parse
from vigie.evals.progress import Progress
from vigie.evals.record import Run, save
from vigie.evals.tables import Speech, text
from vigie.evals.targets import Target, leads, load_targets, reached
from vigie.ingest.errors import InvalidValue

# Imported on use; each is told what is typed after its name, and the settings, and gives a status.
COMMANDS = {
    "compare": "vigie.evals.compare:main",
    "ablation": "vigie.evals.ablation_command:main",
    "support": "vigie.evals.support:main",
    "robustness": "vigie.evals.robustness:main",
    "scale": "vigie.evals.scale:main",
}
# Where indexes and vectors are kept between runs, within the data folder.
WORK = "evals"


def main(arguments: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Exit status: 0, 1 when a measure falls below its recorded floor (`--gate`), 2 for misuse."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    settings = settings or Settings()
    try:
        if given and given[0] in COMMANDS:
            command: Callable[[Sequence[str], Settings], int] = resolve_name(COMMANDS[given[0]])
            return command(given[1:], settings)
        options = parse(given, settings.language, tuple(COMMANDS))
    except Misused as error:
        words = {"name": error.name, "program": error.program}
        tell(Speech(settings.language)("misused", **words))
        return MISUSED
    if options is None:
        return OK
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    return _measure(options, settings, Speech(options.language))


def _measure(options: Options, settings: Settings, speech: Speech) -> int:
    # Read first: a run of twenty minutes must not end on a missing file.
    floors = gate.load_floors() if options.gate else None
    targets = load_targets(options.targets) if options.targets else []
    run = measure(
        settings,
        _benches(options),
        work=options.work or settings.data_dir / WORK,
        systems=options.baselines,
        answers=not options.retrieval,
        command=options.command,
        progress=Progress(speech),
    )
    shown = results.tables(run, speech)
    if targets:
        shown += [table(targets, run.questions, speech) for table in (reached, leads)]
    for table in shown:
        show(text(table))
    _write(options, run, targets, speech)
    fallen = gate.below(run, floors) if floors else []
    for one in fallen:
        values = {"value": speech.share(one.value), "floor": speech.share(one.floor)}
        tell(speech("below", name=one.name, **values))
    if floors and not fallen:
        tell(speech("above", count=len(floors.floors), day=floors.date.isoformat()))
    return BELOW if fallen else OK


def _benches(options: Options) -> list[Bench]:
    if options.data:
        return [bench for folder in options.data for bench in benches(folder)]
    if not options.questions and not options.corpus:
        return [sample_bench()]
    if options.corpus and options.questions:
        items = tuple(load_all(options.questions))
        return [Bench(options.corpus.parent.name or "corpus", options.corpus, items)]
    lacking = "--corpus" if options.questions else "--questions"
    raise InvalidValue(name=lacking, value="", expected="*.jsonl")


def _write(options: Options, run: Run, targets: Sequence[Target], speech: Speech) -> None:
    path = options.json or (options.html.with_suffix(".json") if options.html else None)
    if path:
        save(path, run)
        tell(speech("written", path=path))
    if options.html:
        report.write(options.html, report.page(run, speech.language, targets))
        tell(speech("written", path=options.html))
