"""The command of the ablation: what is asked, the table, the files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from vigie.assistant.settings import Settings
from vigie.evals.ablation import DECIDING, MEASURES, Ablation, Whole, Worth, asked
from vigie.evals.arguments import OK, Parser, language_of, show, tell
from vigie.evals.benches import Bench, benches, sample_bench
from vigie.evals.bootstrap import Interval
from vigie.evals.corpora import Opened, open_corpus
from vigie.evals.ingredients import Variant, variants
from vigie.evals.progress import Progress
from vigie.evals.report import write
from vigie.evals.tables import Speech, Table, markdown, text
from vigie.ingest.errors import InvalidValue
from vigie.ingest.messages import message

NAME = "ablation"
# Within the data folder: the indexes and vectors of `vigie eval`.
WORK = "evals"
# Questions asked of a bench unless told otherwise: forty variants of a larger one take an hour.
QUESTIONS = 300

# What is kept of a bench where several stand side by side.
SHOWN = ("hit@5", DECIDING)

Found = tuple[Whole, list[Worth]]
_FOUND = TypeAdapter(list[Found])


def main(given: Sequence[str], settings: Settings) -> int:
    """Exit status 0; raises Misused for what is no option."""
    language = language_of(given, settings.language)
    parser = Parser(NAME, language)
    parser.add_path("data", "folder", nargs="+")
    parser.add_path("work", "folder")
    parser.add("embedder", metavar=message("eval.named", language))
    parser.add("only", nargs="+", metavar=message("eval.named", language))
    parser.add("most", type=int, default=QUESTIONS, metavar="N")
    parser.add("encode", action="store_true")
    parser.add_path("markdown")
    parser.add_path("json")
    options = parser.read(given)
    if options is None:
        return OK
    if options.embedder:
        settings = settings.model_copy(update={"embedder": options.embedder})
    speech = Speech(language)
    chosen = chosen_variants(options.only, options.encode)
    found = list[Found]()
    for bench in [one for folder in options.data or () for one in benches(folder)] or [
        sample_bench()
    ]:
        work = options.work or settings.data_dir / WORK
        found.append(_measured(settings, bench, work, chosen, options.most, Progress(speech)))
        show(text(table(found[-1], speech)))
    if options.markdown:
        write(options.markdown, markdown(merged(found, speech)))
        tell(speech("written", path=options.markdown))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_bytes(_FOUND.dump_json(found, indent=1) + b"\n")
        tell(speech("written", path=options.json))
    return OK


def chosen_variants(names: Sequence[str] | None, encode: bool) -> list[Variant]:
    """All of them, or those named; raises InvalidValue for a name that there is not."""
    every = variants(encoding=encode or names is not None)
    if names is None:
        return every
    known = {variant.name for variant in every}
    for name in names:
        if name not in known:
            raise InvalidValue(name="--only", value=name, expected=", ".join(sorted(known)))
    return [variant for variant in every if variant.name in names]


def _measured(
    settings: Settings,
    bench: Bench,
    work: Path,
    chosen: Sequence[Variant],
    most: int,
    progress: Progress,
) -> Found:
    with _open(settings, bench, work, progress) as opened:
        ablation = Ablation(opened, asked(opened.bench.items, most), work)
        found = []
        for number, variant in enumerate(chosen, 1):
            found.append(ablation.worth(variant))
            progress.asking(f"{bench.name} – {variant.name}", number, len(chosen))
        return ablation.whole(), found


@contextmanager
def _open(settings: Settings, bench: Bench, work: Path, progress: Progress) -> Iterator[Opened]:
    opened = open_corpus(
        settings, bench, work, lambda step: progress.indexing(bench.name, step.done, step.chunks)
    )
    try:
        yield opened
    finally:
        opened.close()


def table(found: Found, speech: Speech) -> Table:
    """The whole first, then each ingredient with what it is worth and in words."""
    whole, worths = found
    first = (speech("ingredient_all"), *map(speech.interval, whole.score.values()), "")
    rows = [
        (
            speech(f"ingredient_{one.name}", value=one.value),
            *(speech.interval(one.change[name], signed=True) for name in MEASURES),
            speech(_verdict(one.change[DECIDING])),
        )
        for one in worths
    ]
    needs = whole.score[DECIDING].units
    return Table(
        key=f"ablation-{whole.bench}",
        caption=speech("caption_ablation", name=whole.bench, needs=needs),
        columns=(speech("ingredient"), *MEASURES, f"{speech('verdict')} ({DECIDING})"),
        rows=(first, *rows),
        note=speech("ablation_note"),
    )


def merged(found: Sequence[Found], speech: Speech) -> Table:
    """All the benches side by side, what is clear of chance in bold: for a page of Markdown."""
    rows: dict[str, list[str]] = {}
    columns = [speech("ingredient")]
    for whole, worths in found:
        needs = whole.score[DECIDING].units
        columns += [f"{whole.bench} ({needs}), {name}" for name in SHOWN]
        first = [speech.interval(whole.score[name]) for name in SHOWN]
        rows.setdefault(speech("ingredient_all"), []).extend(first)
        for one in worths:
            cells = [_marked(one.change[name], speech) for name in SHOWN]
            rows.setdefault(speech(f"ingredient_{one.name}", value=one.value), []).extend(cells)
    lines = tuple((name, *cells) for name, cells in rows.items())
    caption = speech("caption_ablation_merged")
    return Table("ablation", caption, tuple(columns), lines, speech("ablation_note"))


def _marked(change: Interval, speech: Speech) -> str:
    told = speech.interval(change, signed=True)
    return f"**{told}**" if change.apart_from_zero else told


def _verdict(change: Interval) -> str:
    if not change.apart_from_zero:
        return "chance"
    return "pays" if change.low > 0 else "harms"
