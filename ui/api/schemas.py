"""What the HTTP interface takes and gives; every field has one meaning and an example."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from vigie.assistant import answers
from vigie.assistant.facets.conditions import Effect, Facet
from vigie.index import hits
from vigie.index.hits import Twin
from vigie.ingest import documents
from vigie.ingest.documents import Kind, PlaceKind
from vigie.ui.links import external_url, source_url

# A conversation longer than this says nothing more about its last question.
TURNS = 20
VALUES = 50

# JSON has no dates and no enumerations: only these fields accept their text form.
Day = Annotated[date, Field(strict=False, examples=["2026-01-31"])]
KindName = Annotated[Kind, Field(strict=False, examples=[Kind.ARTICLE])]


def _sayable(text: str) -> str:
    """JSON can spell half a character ("\\ud800"), which no model, index or page can take."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("string_unicode", "half a character")
    return text


Words = Annotated[str, AfterValidator(_sayable)]


class Given(BaseModel):
    """Base of what is received: unknown fields and wrong types are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class FiltersIn(Given):
    """Conditions on the documents; an empty list asks for nothing."""

    kinds: list[KindName] = Field([], max_length=VALUES)
    publishers: list[Words] = Field([], max_length=VALUES, examples=[["OVAL"]])
    sources: list[Words] = Field([], max_length=VALUES, examples=[["veille"]])
    documents: list[Words] = Field([], max_length=VALUES, examples=[[]])
    published_from: Day | None = None
    published_to: Day | None = None

    def filters(self) -> hits.Filters:
        """The same conditions for the index."""
        return hits.Filters(
            tuple(self.kinds),
            tuple(self.publishers),
            tuple(self.sources),
            tuple(self.documents),
            self.published_from,
            self.published_to,
        )


class TurnIn(Given):
    """An earlier question of the same conversation, with its answer's text."""

    question: Words = Field(examples=["Qui finance le numérique associatif ?"])
    answer: Words = Field(examples=["Le Fonds Passerelle numérique [1]."])


class QuestionIn(Given):
    """A question; who asks is told by the credential, never by this body."""

    question: Words = Field(
        description="In any wording; the answer follows its language.",
        examples=["Quels dispositifs financent l’équipement numérique des associations ?"],
    )
    filters: FiltersIn = FiltersIn()
    conversation: list[TurnIn] = Field([], max_length=TURNS, examples=[[]])
    without_facets: list[Words] = Field(
        [],
        max_length=VALUES,
        description="Ids of facets of the question that are not to be applied.",
        examples=[[]],
    )
    language: Literal["fr", "en"] | None = Field(
        None,
        description="Of messages, and of the answer when the question’s own is uncertain; "
        "by default that of Accept-Language.",
        examples=["fr"],
    )


class PlaceOut(BaseModel):
    """Where a passage stands in the original."""

    kind: PlaceKind
    label: str = Field(examples=["12"])

    @classmethod
    def of(cls, place: documents.Place | None) -> "PlaceOut | None":
        """None when the format has no pages, slides or times."""
        return cls(kind=place.kind, label=place.label) if place else None


class AlsoOut(BaseModel):
    """Another place that published the same document, whole or in part."""

    document_id: str
    title: str
    publisher: str | None
    date: Day | None
    url: str | None

    @classmethod
    def of(cls, twin: Twin) -> "AlsoOut":
        """The place with its original, when that is on the web."""
        return cls(
            document_id=twin.document_id,
            title=twin.title,
            publisher=twin.publisher,
            date=twin.published,
            url=external_url(twin.url),
        )


class CitationOut(BaseModel):
    """A quoted span: characters `start` to `end` of the stored document, word for word."""

    number: int = Field(ge=1)
    document_id: str
    chunk_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str
    title: str
    kind: Kind
    publisher: str | None
    published: date | None
    modified: date | None
    place: PlaceOut | None
    heading_path: list[str]
    url: str | None = Field(description="The original, when it is on the web.")
    source_url: str = Field(description="Page that shows this passage, marked.")
    also: list[AlsoOut] = Field(description="Who else published it, oldest first.")

    @classmethod
    def of(cls, citation: answers.Citation, base: str) -> "CitationOut":
        """The citation with its address under `base`."""
        return cls(
            number=citation.number,
            document_id=citation.document_id,
            chunk_id=citation.chunk_id,
            start=citation.start,
            end=citation.end,
            quote=citation.quote,
            title=citation.title,
            kind=citation.kind,
            publisher=citation.publisher,
            published=citation.published,
            modified=citation.modified,
            place=PlaceOut.of(citation.place),
            heading_path=list(citation.heading_path),
            url=external_url(citation.url),
            source_url=source_url(citation, base),
            also=[AlsoOut.of(twin) for twin in citation.also],
        )


class HitOut(BaseModel):
    """A passage found; `score` orders the passages of one search only."""

    document_id: str
    chunk_id: str
    start: int
    end: int
    text: str
    title: str
    kind: Kind
    source: str
    publisher: str | None
    published: date | None
    modified: date | None
    place: PlaceOut | None
    heading_path: list[str]
    score: float
    url: str | None
    source_url: str

    @classmethod
    def of(cls, hit: hits.Hit, base: str) -> "HitOut":
        """The hit with its address under `base`."""
        return cls(
            document_id=hit.document_id,
            chunk_id=hit.chunk_id,
            start=hit.start,
            end=hit.end,
            text=hit.text,
            title=hit.title,
            kind=hit.kind,
            source=hit.source,
            publisher=hit.publisher,
            published=hit.published,
            modified=hit.modified,
            place=PlaceOut.of(hit.place),
            heading_path=list(hit.heading_path),
            score=hit.score,
            url=external_url(hit.url),
            source_url=source_url(hit, base),
        )


class StatementOut(BaseModel):
    """A sentence, item or row of the answer with the numbers of its citations."""

    text: str
    citations: list[int]
    form: Literal["sentence", "item", "row"]


class FacetOut(BaseModel):
    """A condition that the question sets to its documents: `filter` leaves out, `boost` raises."""

    id: str = Field(
        description="To be sent in `without_facets` to ask again without it.",
        examples=["kind:report"],
    )
    label: str = Field(examples=["Rapports"])
    kind: Effect

    @classmethod
    def of(cls, facet: Facet, language: str) -> "FacetOut":
        """The facet with its words in one language."""
        return cls(id=facet.id, label=facet.label(language), kind=facet.effect)


class AnswerOut(BaseModel):
    """An answer with its citations; when it abstains, `consulted` offers leads."""

    question: str
    language: str
    method: answers.Method
    abstained: bool
    text: str = Field(description="With its markers: [1], [2]…")
    statements: list[StatementOut]
    citations: list[CitationOut]
    consulted: list[HitOut]
    confidence: answers.Confidence
    notice: str
    seconds: float
    facets: list[FacetOut]

    @classmethod
    def of(cls, answer: answers.Answer, base: str) -> "AnswerOut":
        """The whole answer with its addresses under `base`."""
        return cls(
            question=answer.question,
            language=answer.language,
            method=answer.method,
            abstained=answer.abstained,
            text=answer.text,
            statements=[
                StatementOut(text=said.text, citations=list(said.citations), form=said.form)
                for said in answer.statements
            ],
            citations=[CitationOut.of(citation, base) for citation in answer.citations],
            consulted=[HitOut.of(hit, base) for hit in answer.consulted],
            confidence=answer.confidence,
            notice=answer.notice,
            seconds=answer.seconds,
            facets=[FacetOut.of(facet, answer.language) for facet in answer.facets],
        )


class SearchOut(BaseModel):
    """Passages, best first; an empty list when nothing matches."""

    query: str
    hits: list[HitOut]
    facets: list[FacetOut]
