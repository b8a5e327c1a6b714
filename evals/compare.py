"""Two saved runs side by side: what changed, and whether it is more than chance."""

from collections.abc import Sequence

from vigie.assistant.settings import Settings
from vigie.evals import charts, report
from vigie.evals.arguments import OK, Misused, Parser, language_of, show, tell
from vigie.evals.bootstrap import Interval, difference
from vigie.evals.charts import Mark, Plot, Words
from vigie.evals.metrics import mean
from vigie.evals.record import Asked, Run, load
from vigie.evals.results import HEADLINES
from vigie.evals.summary import ANSWERS, RETRIEVAL, Slice, slices, units
from vigie.evals.tables import Speech, Table, text
from vigie.ingest.errors import InvalidValue, Reason

Pair = tuple[Run, Run]
NAME = "compare"
RUNS = "A.json B.json"


def main(given: Sequence[str], settings: Settings) -> int:
    """`vigie eval compare A.json B.json`: tables, and a page where one is asked for."""
    language = language_of(given, settings.language)
    parser = Parser(NAME, language)
    parser.add_path("html")
    parser.add_given("runs", RUNS)
    options = parser.read(given)
    if options is None:
        return OK
    if len(options.runs) != 2:
        raise Misused(parser.prog, " ".join(map(str, options.runs)) or RUNS)
    first, second = options.runs
    before, after = common(load(first), load(second))
    speech = Speech(language)
    for table in compared(before, after, speech):
        show(text(table))
    if options.html:
        report.write(options.html, page(before, after, speech))
        tell(speech("written", path=options.html))
    return OK


def common(first: Run, second: Run) -> Pair:
    """Both runs with the questions that both asked; raises InvalidValue when there are none."""
    shared = {one.id for one in first.questions} & {one.id for one in second.questions}
    if not shared:
        names = (run.label.command for run in (first, second))
        raise InvalidValue(name=RUNS, value=" / ".join(names), expected=Reason("eval.common"))
    return _kept(first, shared), _kept(second, shared)


def _kept(run: Run, shared: set[str]) -> Run:
    questions = tuple(one for one in run.questions if one.id in shared)
    return Run(run.format, run.label, run.measures, questions)


def compared(first: Run, second: Run, speech: Speech) -> list[Table]:
    """One table for the whole, each set and each kind: means, difference, bounds, verdict."""
    found = []
    for number, (before, after) in enumerate(_parts(first, second)):
        rows = tuple(
            _row(measure, before, after, speech)
            for measure in (*RETRIEVAL, *ANSWERS)
            if _difference(before, after, measure).units
        )
        if rows:
            caption = speech(f"compared_{before.by}", name=before.name)
            found.append(Table(f"part-{number}", caption, _columns(speech), rows))
    return found


def _parts(first: Run, second: Run) -> list[tuple[Slice, Slice]]:
    after = {(part.by, part.name): part for part in slices(second.questions)}
    before = slices(first.questions)
    return [(part, after[part.by, part.name]) for part in before if (part.by, part.name) in after]


def _columns(speech: Speech) -> tuple[str, ...]:
    names = ("measure", "needs", "before", "after", "difference", "verdict")
    return tuple(speech(name) for name in names)


def _row(measure: str, before: Slice, after: Slice, speech: Speech) -> tuple[str, ...]:
    found = _difference(before, after, measure)
    old, new = (_mean(part.questions, measure, before, after) for part in (before, after))
    verdict = speech("apart" if found.apart_from_zero else "chance")
    return (
        measure,
        str(found.units),
        speech.share(old),
        speech.share(new),
        speech.interval(found, signed=True),
        verdict,
    )


def _difference(before: Slice, after: Slice, measure: str) -> Interval:
    return difference(units(before.questions, measure), units(after.questions, measure))


def _mean(questions: Sequence[Asked], measure: str, before: Slice, after: Slice) -> float:
    """Over the needs that both sides measured, so that the difference is that of the means."""
    both = units(before.questions, measure).keys() & units(after.questions, measure).keys()
    return mean([value for key, value in units(questions, measure).items() if key in both])


def page(first: Run, second: Run, speech: Speech) -> str:
    """The comparison as HTML."""
    return report.template("compare.html").render(
        speech=speech,
        title=speech("compare_title"),
        lines=[
            f"{speech(name)} — {line}"
            for name, run in (("before", first), ("after", second))
            for line in report.lines(run.label, len(run.questions), speech)
        ],
        plots=_plots(first, second, speech),
        tables=compared(first, second, speech),
    )


def _plots(first: Run, second: Run, speech: Speech) -> list[Plot]:
    """For the headline measure, the two means of each part one under the other."""
    measure = HEADLINES[0]
    marks = []
    for before, after in _parts(first, second):
        found = _difference(before, after, measure)
        if found.units and before.by != "kind":
            old = _mean(before.questions, measure, before, after)
            name = before.name or speech("all")
            marks.append(Mark(name, old + found.mean, old + found.low, old + found.high))
            marks.append(Mark(speech("before_of", name=name), old, old, old, 1))
    if not marks:
        return []
    told = "; ".join(f"{mark.label} {speech.share(mark.value)}" for mark in marks)
    words = Words("compared", speech("plot_compared", measure=measure), told)
    return [charts.intervals(marks, words, lambda value: speech.number(value, 2))]
