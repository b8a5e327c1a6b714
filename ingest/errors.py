"""What can go wrong, as a tree; the words are in the catalogue of messages, by `code`.

VigieError
├── InputError            the caller gave something that cannot be used
│   ├── SourceMissing     no such file or folder
│   ├── EmptyDocument     nothing to read in it
│   ├── UnreadableFile    damaged, encrypted, or not what its name says
│   ├── UnsupportedFormat no reader for this kind of file
│   ├── PageRefused       an address that may not or cannot be read as it is
│   ├── QuestionEmpty
│   ├── QuestionTooLong
│   └── InvalidValue      an option, a setting or a field has a value that it cannot have
├── NotFound              absent, or hidden from this caller: never told apart
├── NotAllowed            the credential does not open this door
├── BackendMissing        a library that the chosen backend needs is not installed
├── IndexMismatch         the index was built with another embedder
├── IndexLocked           another process has the embedded index open
└── Unavailable           a server or a database does not answer
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from vigie.ingest.messages import message


@dataclass(frozen=True, slots=True)
class Reason:
    """A value of an error that is itself a message: told in the language of the sentence."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The words for a sentence in `language`."""
        return message(self.key, language, **self.values)


class VigieError(Exception):
    """Base of every error that a person may read; `values` fill the message of `code`."""

    code: ClassVar[str] = "internal"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("fr"))

    def message(self, language: str) -> str:
        """The sentence to show: what happened, with which value, and what to do."""
        told = {
            name: value.text(language) if isinstance(value, Reason) else value
            for name, value in self.values.items()
        }
        return message(f"error.{self.code}", language, **told)


class InputError(VigieError):
    """The caller gave something that cannot be used."""

    code = "input"


class SourceMissing(InputError):
    """Values: path."""

    code = "source_missing"


class EmptyDocument(InputError):
    """Values: path."""

    code = "empty_document"


class UnreadableFile(InputError):
    """Values: path, reason (a `Reason`, so that both languages tell it)."""

    code = "unreadable_file"


class UnsupportedFormat(InputError):
    """Values: path, suffix, known."""

    code = "unsupported_format"


class PageRefused(InputError):
    """Values: url, reason (a `Reason`)."""

    code = "page_refused"


class QuestionEmpty(InputError):
    """No values."""

    code = "question_empty"


class QuestionTooLong(InputError):
    """Values: length, limit (characters)."""

    code = "question_too_long"


class InvalidValue(InputError):
    """Values: name, value, expected."""

    code = "invalid_value"


class NotFound(VigieError):
    """Values: what, id."""

    code = "not_found"


class NotAllowed(VigieError):
    """No values."""

    code = "not_allowed"


class BackendMissing(VigieError):
    """Values: backend, package."""

    code = "backend_missing"


class IndexMismatch(VigieError):
    """Values: stored, configured."""

    code = "index_mismatch"


class IndexLocked(VigieError):
    """Values: path."""

    code = "index_locked"


class Unavailable(VigieError):
    """Values: what, reason."""

    code = "unavailable"
