"""Which of our languages a reader prefers."""

from vigie.ingest.messages import DEFAULT_LANGUAGE, LANGUAGES


def preferred(accept_language: str | None, default: str = DEFAULT_LANGUAGE) -> str:
    """The best known language of an Accept-Language header (RFC 9110 §12.5.4), else `default`."""
    best, weight = default, 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best
