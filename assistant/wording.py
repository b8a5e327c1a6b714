"""Small pieces of text shared by answers, from the catalogue of messages."""

from datetime import date

from vigie.ingest.messages import message


def text(key: str, language: str, **values: object) -> str:
    """A message of the area `answer`."""
    return message(f"answer.{key}", language, **values)


def day(value: date, language: str) -> str:
    """A date in words: "1er mars 2027", "1 March 2027"."""
    month = text(f"month_{value.month}", language)
    key = "day_first" if value.day == 1 else "day"
    return text(key, language, day=value.day, month=month, year=value.year)


def counted(key: str, count: int, language: str, **values: object) -> str:
    """The `_one` or `_many` form of a message, by number."""
    form = "one" if count == 1 else "many"
    return text(f"{key}_{form}", language, count=count, **values)
