"""`vigie eval`: measures a configuration, compares two runs, holds one to its floors."""

import sys
from collections.abc import Sequence

from vigie.assistant.settings import Settings
from vigie.evals import compare, gate, report, tables
from vigie.evals.benches import Bench, benches, sample_bench
from vigie.evals.dataset import load_all
from vigie.evals.measure import measure
from vigie.evals.options import Misused, Options, parse
from vigie.evals.progress import Progress
from vigie.evals.record import Run, load, save
from vigie.evals.tables import Speech
from vigie.ingest.errors import InvalidValue

OK, BELOW, MISUSED = 0, 1, 2
# Where indexes and vectors are kept between runs, within the data folder.
WORK = "evals"


def main(arguments: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Exit status: 0, 1 when a measure falls below its recorded floor (`--gate`), 2 for misuse."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    settings = settings or Settings()
    try:
        options = parse(given, settings.language)
    except Misused as error:
        words = {"name": error.name, "program": error.program}
        _tell(Speech(settings.language)("misused", **words))
        return MISUSED
    if options is None:
        return OK
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    speech = Speech(options.language)
    return _compare(options, speech) if options.compare else _measure(options, settings, speech)


def _measure(options: Options, settings: Settings, speech: Speech) -> int:
    # Read first: a run of twenty minutes must not end on a missing file.
    floors = gate.load_floors() if options.gate else None
    run = measure(
        settings,
        _benches(options),
        work=options.work or settings.data_dir / WORK,
        systems=options.baselines,
        answers=not options.retrieval,
        command=options.command,
        progress=Progress(speech),
    )
    for table in tables.tables(run, speech):
        _print(tables.text(table) + "\n")
    _write(options, run, speech)
    fallen = gate.below(run, floors) if floors else []
    for one in fallen:
        values = {"value": speech.share(one.value), "floor": speech.share(one.floor)}
        _tell(speech("below", name=one.name, **values))
    if floors and not fallen:
        _tell(speech("above", count=len(floors.floors), day=floors.date.isoformat()))
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


def _write(options: Options, run: Run, speech: Speech) -> None:
    path = options.json or (options.html.with_suffix(".json") if options.html else None)
    if path:
        save(path, run)
        _tell(speech("written", path=path))
    if options.html:
        report.write(options.html, report.page(run, speech.language))
        _tell(speech("written", path=options.html))


def _compare(options: Options, speech: Speech) -> int:
    before, after = compare.common(*(load(path) for path in options.compare))
    for table in compare.compared(before, after, speech):
        _print(tables.text(table) + "\n")
    if options.html:
        report.write(options.html, compare.page(before, after, speech))
        _tell(speech("written", path=options.html))
    return OK


def _print(text: str) -> None:
    """Standard output holds only tables."""
    sys.stdout.write(text + "\n")


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
