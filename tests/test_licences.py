"""What we depend on must be free to use and to redistribute with an Apache-2.0 product."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
# AGPL, whatever their metadata say: MuPDF's bindings and the packages that pull them in.
BANNED = {"pymupdf", "pymupdf4llm", "pymupdf-layout", "pymupdfb", "fitz"}
FORBIDDEN = re.compile(
    r"\bA?GPL|Affero|General Public|non-?commercial|CC[- ]BY[- ]NC|BUSL|FSL", re.I
)
# LGPL is a weak copyleft that linking does not spread; choices of several licences name one.
ALLOWED = re.compile(r"LGPL|Lesser General Public|Library General Public", re.I)
# Licences checked by hand, because the package's metadata are silent or offer a choice.
CHECKED = {
    "axe-playwright-python": "MIT in its LICENSE; it carries axe-core, MPL-2.0",
    "tld": "MPL-1.1 chosen among MPL-1.1, GPL-2.0 and LGPL-2.1",
    "pytrec-eval-terrier": "MIT in its repository",
}


def licences() -> list[dict[str, str]]:
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=all", "--with-system"]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def words(row: dict[str, str]) -> str:
    return "; ".join(value for key, value in row.items() if key.startswith("License"))


def test_no_dependency_forbids_our_users_anything() -> None:
    wrong = {
        row["Name"]: words(row)
        for row in licences()
        if row["Name"].lower() not in CHECKED
        and FORBIDDEN.search(words(row))
        and not ALLOWED.search(words(row))
    }
    assert not wrong


def test_every_dependency_states_its_licence_or_was_checked() -> None:
    silent = {
        row["Name"]
        for row in licences()
        if row["Name"].lower() not in CHECKED
        and row["Name"] != "vigie"
        and not re.sub(r"UNKNOWN|;|\s", "", words(row))
    }
    assert not silent


def test_mupdf_is_nowhere() -> None:
    present = {name.lower() for item in distributions() if (name := item.metadata["Name"])}
    assert not present & BANNED
    for lock in ("requirements.lock", "requirements-dev.lock"):
        locked = (ROOT / lock).read_text(encoding="utf-8").lower()
        assert not {line.split("==")[0] for line in locked.splitlines()} & BANNED


def test_the_locks_pin_what_the_project_declares() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, declared in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["optional-dependencies"]["dev"]),
    ):
        lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
        assert all(re.fullmatch(r"[\w.-]+==[\w.!+-]+", line) for line in lines)
        pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0].lower()) for line in lines}
        wanted = {
            re.sub(r"[-_.]+", "-", re.split(r"[<>=\[]", name)[0].lower()) for name in declared
        }
        assert wanted <= pinned, wanted - pinned
