"""The shape of the house: one-way imports, every package listed, a wheel that works."""

import ast
import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("ingest", "index", "assistant", "evals", "ui")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Modules that take seconds to import; a command that needs none of them must stay quick.
HEAVY = {"torch", "sentence_transformers", "transformers", "gradio", "llama_index", "kreuzberg"}


def modules() -> Iterator[Path]:
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            if "authoring" not in path.parts:
                yield path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_imports_go_one_way() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for name in imported(path)
        if name.startswith("vigie.")
        and LAYERS.index(name.split(".")[1]) > LAYERS.index(path.relative_to(ROOT).parts[0])
    ]
    assert not wrong


def test_every_package_is_listed_and_typed() -> None:
    folders = {path.parent for layer in LAYERS for path in (ROOT / layer).rglob("__init__.py")}
    names = {"vigie." + ".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert names == set(PROJECT["tool"]["setuptools"]["packages"])
    assert all((folder / "py.typed").exists() for folder in folders)


def test_inits_hold_only_a_docstring() -> None:
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("__init__.py"):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1 and isinstance(body[0], ast.Expr), path


def test_modules_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 320
    }
    assert not long


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 45
    ]
    assert not long


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from vigie.ui.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"heavy = {HEAVY!r} & {{name.split('.')[0] for name in sys.modules}}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel, above the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True)
    # The libraries come from this environment, except its editable `vigie`.
    lib = next((folder / "env" / "lib").glob("python3*")) / "site-packages"
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (lib / "borrowed.pth").write_text(f"{here}\n", encoding="utf-8")
    return folder / "env" / "bin"


def clean_environment(folder: Path) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE")}
    return environment | {"VIGIE_DATA_DIR": str(folder / "var"), "HF_HUB_OFFLINE": "1"}


def test_the_wheel_shows_its_help(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed / "vigie", "--help"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert "ingest" in done.stdout


def test_the_wheel_answers_a_question(installed: Path, tmp_path: Path) -> None:
    page = "<html><title>Atelier</title><body><main><h1>Atelier</h1><p>Le Fonds Rivage a été créé "
    page += "en 2017 par la coopérative Lumen, à Brest.</p></main></body></html>"
    (tmp_path / "fonds.html").write_text(page, encoding="utf-8")
    environment = clean_environment(tmp_path)
    for command in (["ingest", "fonds.html"], ["ask", "Qui a créé le Fonds Rivage ?"]):
        done = subprocess.run(
            [installed / "vigie", *command],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "coopérative Lumen" in done.stdout
    assert "[1]" in done.stdout
