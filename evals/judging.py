"""One answer against its gold: each measure that applies, by name; shares between 0 and 1."""

from collections.abc import Sequence

from vigie.assistant.answers import Answer
from vigie.evals.dataset import LIST_KINDS, Item
from vigie.evals.metrics import PASSAGES, contains_answer, f1, mean, normalised
from vigie.evals.systems import Passage

# Measures for which less is better; every other one rises with quality.
LESS_IS_BETTER = frozenset({"false_refusals", "failed", "statements"})


def judged_answer(
    item: Item, answer: Answer, cited: Sequence[str], exact: Sequence[bool]
) -> dict[str, float]:
    """`cited` and `exact` go with the answer's citations: their location, their equality."""
    values = {"failed": 0.0}
    if exact:
        values["citation_exactness"] = mean([float(one) for one in exact])
    if not answer.abstained:
        values["statements"] = float(len(answer.statements))
        values["statements_cited"] = mean([float(bool(s.citations)) for s in answer.statements])
    if not item.answerable:
        return values | {f"refused_{item.distance}": float(answer.abstained)}
    values |= {"false_refusals": float(answer.abstained), "answered": float(not answer.abstained)}
    if item.answers:
        values["answer_recall"] = float(holds_answer(item, answer))
    if item.spans:
        values["span_recall"] = float(quotes_gold(item, answer))
    if item.kind in LIST_KINDS:
        values["list_f1"] = f1(frozenset(cited), item.relevant)
    if cited:
        values["citation_precision"] = mean([float(one in item.relevant) for one in cited])
    return values


def judged_failure(item: Item) -> dict[str, float]:
    """A question that brought an error: nothing was answered, nothing rightly refused."""
    if not item.answerable:
        return {"failed": 1.0, f"refused_{item.distance}": 0.0}
    values = {"failed": 1.0, "false_refusals": 1.0, "answered": 0.0}
    for name, applies in (
        ("answer_recall", bool(item.answers)),
        ("span_recall", bool(item.spans)),
        ("list_f1", item.kind in LIST_KINDS),
    ):
        if applies:
            values[name] = 0.0
    return values


def holds_answer(item: Item, answer: Answer) -> bool:
    """Whether the answer's own words hold a gold answer; a refusal holds none."""
    said = " ".join(statement.text for statement in answer.statements)
    return not answer.abstained and contains_answer(said, item.answers)


def quotes_gold(item: Item, answer: Answer) -> bool:
    """Whether a quoted span holds a gold span, or stands within one."""
    quotes = [normalised(citation.quote) for citation in answer.citations]
    gold = [normalised(span.text) for span in item.spans]
    return any(span in quote or quote in span for quote in quotes for span in gold)


def judged_passages(item: Item, passages: Sequence[Passage]) -> dict[str, float]:
    """Whether the answer stands in one of the first passages; nothing without a gold answer."""
    if not item.gold:
        return {}
    first = passages[:PASSAGES]
    held = any(contains_answer(passage.text, item.gold) for passage in first)
    return {f"passage@{PASSAGES}": float(held)}
