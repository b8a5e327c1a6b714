"""Bytes of any text format to a string, knowing how French text is really encoded.

General detectors confuse French cp1252 with Central European encodings ("Aprčs"); the few
encodings that French files use can be told apart by the letters that they would give.
"""

import codecs
import re
from functools import partial

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Windows, old Mac and DOS: what French office software wrote before UTF-8.
FRENCH_CODECS = ("cp1252", "mac_roman", "cp850")
FRENCH_SIGNS = frozenset("éèàêçùôîïûâëüœæÉÈÀÊÇÔÎÂŒÙÆ’‘«»“”–—…€°²³·•½\u00a0\u202f")
# A wrong letter weighs more than a right one, a control character settles the matter.
STRANGE_PENALTY = 3
CONTROL_PENALTY = 10
# Enough letters to choose on; the choice costs three decodings of it.
SAMPLE_BYTES = 200_000
# Three right UTF-8 sequences for each wrong byte make damaged UTF-8: in one-byte encodings such
# sequences are accidents (one accented letter in ten on old Mac texts, "l’é", none on cp1252).
RIGHT_PER_WRONG = 3
# A NUL in every other byte is UTF-16 without a mark; text in one-byte encodings has none.
NUL_SHARE = 0.2
# Declared by habit on pages in cp1252 or UTF-8: no evidence of anything.
HABITUAL = frozenset({"ascii", "iso8859-1", "iso8859-15", "utf-8", *FRENCH_CODECS})

# ISO 8859-15 differs from cp1252 in eight signs: €, œ and Œ then read as ¤, ½ and ¼.
LATIN_9 = re.compile("¤|[¼½](?=[a-zé])")
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
BEYOND_ASCII = re.compile("[^\x00-\x7f]")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`; never raises: bytes that mean nothing become U+FFFD.

    `declared` (an HTTP header, a `<meta>`) is believed only for encodings that French files do
    not use, where the letters alone decide nothing.
    """
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    if data[:SAMPLE_BYTES].count(0) > NUL_SHARE * len(data[:SAMPLE_BYTES]):
        return data.decode(_utf16_order(data), "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(data, declared)


def _decode_other(data: bytes, declared: str | None) -> str:
    repaired = data.decode("utf-8", _WRONG_BYTE)
    wrong = repaired.count("\ufffd")
    if len(BEYOND_ASCII.findall(repaired)) - wrong > RIGHT_PER_WRONG * wrong:
        return data.decode("utf-8", _STRAY_CP1252)
    foreign = _foreign(data, declared)
    if foreign is not None:
        return foreign
    sample = data[:SAMPLE_BYTES]
    best = max(FRENCH_CODECS, key=lambda codec: _french_score(sample.decode(codec, "replace")))
    text = data.decode(best, "replace")
    return data.decode("iso8859-15") if best == "cp1252" and LATIN_9.search(text) else text


def _foreign(data: bytes, declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip().strip("\"'")).name
        return None if name in HABITUAL else data.decode(name)
    except (LookupError, UnicodeError):
        return None


def _french_score(text: str) -> int:
    signs = BEYOND_ASCII.findall(text)
    french = sum(sign in FRENCH_SIGNS for sign in signs)
    controls = len(CONTROLS.findall(text))
    return french - STRANGE_PENALTY * (len(signs) - french) - CONTROL_PENALTY * controls


def _utf16_order(data: bytes) -> str:
    """Latin letters put their NUL second in little-endian order, first in big-endian."""
    return "utf-16-le" if data[1::2].count(0) >= data[0::2].count(0) else "utf-16-be"


def _read_wrong_byte(error: UnicodeError, *, stray: str | None) -> tuple[str, int]:
    """Skips a sequence cut by the end of the file, reads any other wrong byte in `stray`."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.reason == "unexpected end of data":
        return "", error.end
    wrong = error.object[error.start : error.end]
    return wrong.decode(stray, "replace") if stray else "\ufffd", error.end


_WRONG_BYTE = "vigie.wrong_byte"
_STRAY_CP1252 = "vigie.stray_cp1252"
codecs.register_error(_WRONG_BYTE, partial(_read_wrong_byte, stray=None))
codecs.register_error(_STRAY_CP1252, partial(_read_wrong_byte, stray="cp1252"))
