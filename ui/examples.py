"""Questions that a newcomer may try: drawn from what is indexed for everyone, never invented."""

from collections import Counter
from collections.abc import Sequence

from vigie.assistant.build import Vigie
from vigie.ingest.documents import Audience, Document, Kind
from vigie.ingest.messages import message

# What a reader takes in at a glance, beside the question box.
EXAMPLES = 4
# A longer title makes a question that nobody would type.
TITLE_CHARACTERS = 80


def example_questions(vigie: Vigie, language: str) -> list[str]:
    """At most EXAMPLES questions over public documents; general ones when little is indexed."""
    records = vigie.catalogue.programmes(Audience.PUBLIC)
    questions = [*_on_programmes(records, language), *_on_articles(vigie, language)]
    general = (message(f"page.example_{number}", language) for number in range(1, EXAMPLES + 1))
    return list(dict.fromkeys([*questions, *general]))[:EXAMPLES]


def _on_programmes(records: Sequence[Document], language: str) -> list[str]:
    programmes = [document.record for document in records if document.record]
    themes = Counter(theme for programme in programmes for theme in programme.themes)
    dated = [programme for programme in programmes if programme.closes]
    questions = []
    if themes:
        theme = themes.most_common(1)[0][0]
        questions.append(message("page.example_theme", language, theme=theme.lower()))
    if dated:
        latest = max(dated, key=lambda programme: (programme.closes or 0, programme.name))
        questions.append(message("page.example_deadline", language, name=latest.name))
    return questions


def _on_articles(vigie: Vigie, language: str) -> list[str]:
    articles = vigie.catalogue.all(Audience.PUBLIC, limit=200, kind=Kind.ARTICLE)
    asked = [article.title for article in articles if article.title.endswith("?")]
    return [title for title in asked if len(title) <= TITLE_CHARACTERS][:1]
