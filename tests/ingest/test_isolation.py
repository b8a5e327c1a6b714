"""Nasty files end in one clear error each, within limits, and the next file is read."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from vigie.ingest.errors import EmptyDocument, Reason, UnreadableFile, VigieError
from vigie.ingest.isolation import ReaderPool
from vigie.ingest.reading import Defaults

WORD = b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
WORD_END = b"</w:body></w:document>"
SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = b"</sheetData></worksheet>"
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "lollollollollollollollollollol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + k, (b"&%c;" % (97 + k)) * 10) for k in range(9))
    + b"]>"
)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(1, wall_seconds=20) as pool:
        yield pool


def read(pool: ReaderPool, path: Path) -> list[str]:
    documents = pool.read(path, source="test", root=path.parent, defaults=Defaults())
    return [document.text for document in documents]


def word_file() -> bytes:
    stream = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Le règlement du fonds.")
    document.save(stream)
    return stream.getvalue()


def workbook() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


def with_member(original: bytes, member: str, blocks: list[bytes]) -> bytes:
    """The same archive with one member made of `blocks`, deflated."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(original)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            if entry.filename != member:
                target.writestr(entry.filename, source.read(entry.filename))
        with target.open(member, "w", force_zip64=True) as file:
            for block in blocks:
                file.write(block)
    return stream.getvalue()


def pdf(objects: list[bytes]) -> bytes:
    stream = io.BytesIO(b"%PDF-1.7\n")
    stream.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(stream.tell())
        stream.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    table = stream.tell()
    stream.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    stream.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    stream.write(
        b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(offsets) + 1, table)
    )
    return stream.getvalue()


def drawn_pdf(password: str | None = None) -> bytes:
    stream = io.BytesIO()
    encrypt = StandardEncryption(password) if password else None
    canvas = Canvas(stream, encrypt=encrypt)
    for number in range(20):
        canvas.drawString(72, 700, f"Page {number} du rapport annuel de la fondation.")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def word_bomb() -> bytes:
    block = b"<w:p><w:r><w:t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</w:t></w:r></w:p>" * 16_000
    return with_member(word_file(), "word/document.xml", [WORD, *[block] * 300, WORD_END])


def sheet_bomb() -> bytes:
    block = b'<row><c t="inlineStr"><is><t>aaaaaaaaaa</t></is></c></row>' * 16_000
    return with_member(workbook(), "xl/worksheets/sheet1.xml", [SHEET, *[block] * 300, SHEET_END])


def corner_cell() -> bytes:
    cells = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="1048576">'
        b'<c r="XFD1048576" t="inlineStr"><is><t>z</t></is></c></row>'
    )
    return with_member(workbook(), "xl/worksheets/sheet1.xml", [SHEET, cells, SHEET_END])


def entity_bomb() -> bytes:
    body = WORD.replace(b"<w:document", ENTITIES + b"<w:document")
    return with_member(
        word_file(),
        "word/document.xml",
        [body, b"<w:p><w:r><w:t>&j;</w:t></w:r></w:p>", WORD_END],
    )


def outline_cycle() -> bytes:
    """518 bytes on which layout engines overflow their stack."""
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R"
            b"/Resources<</Font<</F1 8 0 R>>>>>>",
            b"<</First 5 0 R/Last 5 0 R>>",
            b"<</Title(a)/Next 6 0 R/First 6 0 R>>",
            b"<</Title(b)/Next 5 0 R>>",
            b"<</Length 38>>stream\nBT /F1 12 Tf 50 700 Td (Bonjour) Tj ET \nendstream",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def word_deep() -> bytes:
    depth = 50_000
    opening, closing = b"<w:sdt><w:sdtContent>", b"</w:sdtContent></w:sdt>"
    body = opening * depth + b"<w:p><w:r><w:t>fond</w:t></w:r></w:p>" + closing * depth
    return with_member(word_file(), "word/document.xml", [WORD, body, WORD_END])


def yaml_aliases() -> bytes:
    lines = ["a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join(lines).encode()


NASTY: dict[str, tuple[Callable[[], bytes], type[VigieError], set[str]]] = {
    "vide.pdf": (lambda: b"", EmptyDocument, set()),
    "blanc.txt": (lambda: b" \n\n", EmptyDocument, set()),
    "bombe.docx": (word_bomb, UnreadableFile, {"read.bomb"}),
    "bombe.xlsx": (sheet_bomb, UnreadableFile, {"read.bomb"}),
    "coin.xlsx": (corner_cell, UnreadableFile, {"read.crash", "read.memory"}),
    "entites.docx": (entity_bomb, UnreadableFile, {"read.damaged"}),
    "coupe.docx": (lambda: word_file()[:9000], UnreadableFile, {"read.damaged"}),
    "coupe.pdf": (lambda: drawn_pdf()[:700], UnreadableFile, {"read.damaged"}),
    "secret.pdf": (lambda: drawn_pdf("sésame"), UnreadableFile, {"read.encrypted"}),
    "profond.docx": (word_deep, UnreadableFile, {"read.damaged"}),
    "profond.json": (
        lambda: b"[" * 200_000 + b"]" * 200_000,
        UnreadableFile,
        {"read.too_deep"},
    ),
    "alias.yaml": (yaml_aliases, UnreadableFile, {"read.aliases"}),
    "bruit.txt": (lambda: os.urandom(50_000), UnreadableFile, {"read.binary"}),
    "bruit.pdf": (lambda: os.urandom(50_000), UnreadableFile, {"read.damaged"}),
    "bruit.json": (lambda: b"{nom: sans guillemets}", UnreadableFile, {"read.syntax"}),
    "ligne.csv": (lambda: b"a;" * 20_000 + b"\n1;2\n", UnreadableFile, {"read.too_wide"}),
    "archive.docx": (
        lambda: with_member(word_file(), "word/document.xml", []),
        VigieError,
        {"read.damaged", "read.mismatch"},
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_is_one_clear_error_and_the_next_is_read(
    pool: ReaderPool, tmp_path: Path, name: str
) -> None:
    make, error, reasons = NASTY[name]
    nasty, good = tmp_path / name, tmp_path / "note.docx"
    nasty.write_bytes(make())
    good.write_bytes(word_file())
    started = time.monotonic()
    with pytest.raises(error) as caught:
        read(pool, nasty)
    assert time.monotonic() - started < 15
    assert caught.value.values["path"] == name
    reason = caught.value.values.get("reason")
    if reasons and isinstance(reason, Reason):
        assert reason.key in reasons
    assert name in caught.value.message("fr") and name in caught.value.message("en")
    assert read(pool, good) == ["Le règlement du fonds."]


def test_a_crash_of_native_code_never_stops_the_next_file(pool: ReaderPool, tmp_path: Path) -> None:
    (tmp_path / "cycle.pdf").write_bytes(outline_cycle())
    (tmp_path / "note.docx").write_bytes(word_file())
    with pytest.raises(VigieError):
        read(pool, tmp_path / "cycle.pdf")
    assert read(pool, tmp_path / "note.docx") == ["Le règlement du fonds."]


def test_a_swapped_suffix_is_read_for_what_it_is(pool: ReaderPool, tmp_path: Path) -> None:
    (tmp_path / "rapport.docx").write_bytes(drawn_pdf())
    (tmp_path / "note.pdf").write_bytes(word_file())
    assert "Page 3 du rapport annuel" in read(pool, tmp_path / "rapport.docx")[0]
    assert read(pool, tmp_path / "note.pdf") == ["Le règlement du fonds."]


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "lent.csv"
    path.write_bytes(b"nom;montant\n" + b"association;12\n" * 2_000_000)
    with ReaderPool(1, wall_seconds=0.6) as pool, pytest.raises(UnreadableFile) as caught:
        read(pool, path)
    reason = caught.value.values["reason"]
    assert isinstance(reason, Reason) and reason.key == "read.time"


def test_several_threads_share_the_pool(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.json").write_text(f'{{"sujet": "fonds {number}"}}')
    texts: dict[int, list[str]] = {}

    def work(number: int) -> None:
        texts[number] = read(pool, tmp_path / f"{number}.json")

    with ReaderPool(2) as pool:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == {number: [f"- sujet : fonds {number}"] for number in range(6)}


def test_what_a_worker_logs_is_logged_here(
    pool: ReaderPool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "aides.jsonl"
    path.write_text('{"sujet": "un"}\n{cassé\n{"sujet": "deux"}\n')
    assert read(pool, path)
    assert "line 2 is not JSON" in caplog.text


def test_a_closed_pool_reads_no_more(tmp_path: Path) -> None:
    (tmp_path / "note.docx").write_bytes(word_file())
    with ReaderPool(1) as pool:
        read(pool, tmp_path / "note.docx")
    with pytest.raises(RuntimeError):
        read(pool, tmp_path / "note.docx")


def test_ctrl_c_leaves_no_orphan(tmp_path: Path) -> None:
    path = tmp_path / "lent.csv"
    path.write_bytes(b"nom;montant\n" + b"association;12\n" * 2_000_000)
    script = textwrap.dedent(
        f"""
        from pathlib import Path
        from vigie.ingest.isolation import ReaderPool
        from vigie.ingest.reading import Defaults
        path = Path({str(path)!r})
        with ReaderPool(1) as pool:
            worker = pool._start()
            print(worker._process.pid, flush=True)
            pool._slots.get()
            pool._slots.put(worker)
            pool.read(path, source="s", root=path.parent, defaults=Defaults())
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) != 0
    process.stdout.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
