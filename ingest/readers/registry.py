"""Which reader takes which bytes: the content decides, the suffix only where it says nothing."""

import io
import re
import zipfile
from pathlib import PurePath
from pkgutil import resolve_name
from typing import Protocol

from vigie.ingest.errors import Reason, UnreadableFile, UnsupportedFormat
from vigie.ingest.readers.reading import Reading

HTML = "vigie.ingest.readers.html:read"
CSV = "vigie.ingest.readers.tables:read_csv"
WORKBOOK = "vigie.ingest.readers.tables:read_workbook"
OFFICE = "vigie.ingest.readers.office:read"
STRUCTURED = "vigie.ingest.readers.structured:read"
SUBTITLES = "vigie.ingest.readers.subtitles:read"
READERS: dict[str, str] = {
    ".html": HTML,
    ".htm": HTML,
    ".txt": "vigie.ingest.readers.text:read",
    ".md": "vigie.ingest.readers.markdown:read",
    ".vtt": SUBTITLES,
    ".srt": SUBTITLES,
    ".pdf": "vigie.ingest.readers.pdf:read",
    ".docx": OFFICE,
    ".odt": OFFICE,
    ".pptx": "vigie.ingest.readers.slides:read",
    ".csv": CSV,
    ".tsv": CSV,
    ".xlsx": WORKBOOK,
    ".xls": WORKBOOK,
    ".ods": WORKBOOK,
    ".json": STRUCTURED,
    ".jsonl": STRUCTURED,
    ".yaml": STRUCTURED,
    ".yml": STRUCTURED,
}
# What sources write for themselves; no file of a person has this suffix.
FRAGMENT = ".fragment"
OWN_READERS = {FRAGMENT: "vigie.ingest.readers.html:read_fragment"}
BINARY = frozenset({".pdf", ".docx", ".odt", ".pptx", ".xlsx", ".xls", ".ods"})
ZIP_MEMBERS = {
    "word/document.xml": ".docx",
    "ppt/presentation.xml": ".pptx",
    "xl/workbook.xml": ".xlsx",
    "xl/workbook.bin": ".xlsx",
}
OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
OPEN_ENCRYPTED = b"encryption-data"
# Readers of PDF look for the signature this far (ISO 32000, implementation note 13).
PDF_WITHIN = 1024
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
# Streams of an OLE file are named in UTF-16: an encrypted .docx or .xlsx, and a real .xls.
OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
OLE_WORKBOOK = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
# Text has tabs and line ends only; one random byte in nine is another control character.
CONTROLS = bytes(range(9)) + bytes([11]) + bytes(range(14, 32))
MOST_CONTROLS = 0.02
SAMPLE = 65_536

# A larger file is a database extract or a scan: its bytes, its text and its documents together
# would not fit in the memory of a reader.
LARGEST_FILE_MB = 300
# Parts of the 15 real office files tried shrink 32 times at most and whole files 23 times; bombs
# shrink 1,000 times. A large ratio counts only from a size that could hurt.
LARGEST_UNPACKED_MB = 500
LARGEST_RATIO = 100
RATIO_FROM_MB = 50
MOST_ENTRIES = 10_000
MEGABYTE = 1_000_000


class Reader(Protocol):
    """A format's `read`: the bytes of a file and its name for messages and titles."""

    def __call__(self, data: bytes, name: str) -> Reading: ...


def reader_for(suffix: str) -> Reader:
    """Imports the module of the format on first use."""
    reader: Reader = resolve_name((READERS | OWN_READERS)[suffix])
    return reader


def actual_suffix(data: bytes, name: str) -> str:
    """The suffix that the content deserves; raises UnreadableFile or UnsupportedFormat."""
    suffix = PurePath(name).suffix.lower()
    if suffix in OWN_READERS:
        return suffix
    found = _by_magic(data, name)
    if found:
        return found
    if suffix not in READERS:
        raise UnsupportedFormat(path=name, suffix=suffix or "–", known=" ".join(READERS))
    if _is_binary(data):
        reason = "read.damaged" if suffix in BINARY else "read.binary"
        raise UnreadableFile(path=name, reason=Reason(reason))
    if suffix in BINARY:
        raise UnreadableFile(path=name, reason=Reason("read.mismatch"))
    return suffix


def _by_magic(data: bytes, name: str) -> str | None:
    if b"%PDF-" in data[:PDF_WITHIN]:
        return ".pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zip_suffix(data, name)
    if data.startswith(OLE_MAGIC):
        return _ole_suffix(data, name)
    return ".html" if HTML_START.match(data[:SAMPLE].removeprefix(UTF8_MARK)) else None


def _zip_suffix(data: bytes, name: str) -> str:
    """Also checks what the archive declares, so that no reader unpacks a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_size(entries, name)
            if "mimetype" in archive.namelist():
                kind = archive.read("mimetype")[:100].strip()
                if OPEN_ENCRYPTED in archive.read("META-INF/manifest.xml"):
                    raise UnreadableFile(path=name, reason=Reason("read.encrypted"))
                if kind in OPEN_DOCUMENT:
                    return OPEN_DOCUMENT[kind]
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, OSError) as error:
        raise UnreadableFile(path=name, reason=Reason("read.damaged")) from error
    for entry in entries:
        if entry.filename in ZIP_MEMBERS:
            return ZIP_MEMBERS[entry.filename]
    raise UnreadableFile(path=name, reason=Reason("read.mismatch"))


def _check_size(entries: list[zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(entry.file_size for entry in entries) / MEGABYTE
    packed = sum(entry.compress_size for entry in entries) / MEGABYTE
    swollen = unpacked > RATIO_FROM_MB and unpacked > LARGEST_RATIO * packed
    if unpacked > LARGEST_UNPACKED_MB or swollen or len(entries) > MOST_ENTRIES:
        raise UnreadableFile(path=name, reason=Reason("read.bomb", {"size": round(unpacked)}))


def _ole_suffix(data: bytes, name: str) -> str:
    if OLE_ENCRYPTED in data:
        raise UnreadableFile(path=name, reason=Reason("read.encrypted"))
    if any(stream in data for stream in OLE_WORKBOOK):
        return ".xls"
    # The old .doc and .ppt: no reader of them passed the measures.
    suffix = PurePath(name).suffix.lower()
    raise UnsupportedFormat(
        path=name, suffix=".doc" if suffix in READERS else suffix, known=" ".join(READERS)
    )


def _is_binary(data: bytes) -> bool:
    sample = data[:SAMPLE]
    if not sample or sample.startswith(UTF16_MARKS):
        return False
    if sample.count(0) > len(sample) // 3 and _looks_utf16(sample):
        return False
    return len(sample) - len(sample.translate(None, CONTROLS)) > MOST_CONTROLS * len(sample)


def _looks_utf16(sample: bytes) -> bool:
    """Latin text in UTF-16 without a mark: every NUL in even places, or every one in odd places."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return min(even, odd) < 0.05 * max(even, odd)
