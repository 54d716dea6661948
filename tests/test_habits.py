"""The project's habits: what depends on what, what is light, what is listed, what is documented."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ui.cli import commands

ROOT = Path(__file__).parents[1]
PINCITE = str(Path(sys.executable).with_name("pincite"))
MAY_IMPORT = {"index": {"index"}, "rag": {"index", "rag"}, "ui": {"index", "rag", "ui"}}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")

TOP_LEVEL = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "bench", "constraints.txt", "docs",
    "index", "pyproject.toml", "rag", "seeds", "tests", "ui",
}  # fmt: skip

HEAVY = {
    "ctranslate2",
    "faiss",
    "gradio",
    "llama_cpp",
    "numpy",
    "pymilvus",
    "rich",
    "sentence_transformers",
    "torch",
    "transformers",
}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("module", MODULES, ids=names(MODULES))
def test_a_module_imports_ours_only_downwards_and_says_what_it_is(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    package = module.relative_to(ROOT).parts[0]

    assert {name.partition(".")[0] for name in imported(tree)} & set(MAY_IMPORT) <= MAY_IMPORT[package]
    assert ast.get_docstring(tree)


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def test_the_packages_in_pyproject_are_the_folders_with_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {str(path.parent.relative_to(ROOT)).replace("/", ".") for path in MODULES}

    assert set(project["tool"]["setuptools"]["packages"]) == folders


def test_pyproject_names_every_package_that_is_imported_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = project["dependencies"] + project["optional-dependencies"]["milvus"]
    listed = {re.split(r"[<>=~!\[ ]", requirement)[0] for requirement in requirements} - {"milvus-lite"}
    modules = {
        name.partition(".")[0] for path in MODULES for name in imported(ast.parse(path.read_text(encoding="utf-8")))
    }
    distributions = importlib.metadata.packages_distributions()
    third_party = modules - set(sys.stdlib_module_names) - set(MAY_IMPORT)

    assert {distributions[module][0].lower().replace("_", "-") for module in third_party} == listed


def test_every_package_is_marked_as_typed() -> None:
    assert {path.parent.name for path in ROOT.glob("*/py.typed")} == set(MAY_IMPORT)


def test_the_top_level_holds_what_was_agreed_and_no_more() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert {line.partition("/")[0] for line in listed.splitlines()} <= TOP_LEVEL


@pytest.mark.parametrize("module", ["rag", "ui.cli"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )

    assert not loaded & HEAVY


SERVE_THE_PAGE = """
import sys
from pathlib import Path

written = []
sys.addaudithook(lambda event, of: event == "open" and str(of[0]).endswith(".pyi") and written.append(of[0]))

from ui.serve import Actions, Answering, Chooser, Library, Seat, mount_page, programs_app
from rag.generators.extractive import ExtractiveGenerator
from rag.settings import load_settings

library, seat = Library.open(Path(sys.argv[1])), Seat(ExtractiveGenerator())
app = programs_app(library, Answering(library, seat))
page = mount_page(app, Actions(library, seat), Chooser(seat, load_settings({})))

from starlette.testclient import TestClient

with TestClient(app) as client:
    print("gradio_config" in client.get("/").text, written)
print(*sorted(sys.modules))

import gradio, httpx, mcp.server, pandas

print(gradio.caching.pd.DataFrame is pandas.DataFrame, gradio.blocks.App is type(page))
print(httpx._transports.default.create_ssl_context is httpx.create_ssl_context)
try:
    gradio.load("nothing", src="nowhere")
except ValueError:
    print("gradio.external" in sys.modules)
"""
"""Serves the page once; then asks for what was left out of it."""

LEFT_OUT = {
    "ctranslate2", "faiss", "gradio.cli", "gradio.external", "gradio.workflow", "httpx._main",
    "huggingface_hub.file_download", "huggingface_hub.hf_api", "huggingface_hub.inference", "llama_cpp", "mcp",
    "pandas", "pyarrow", "rich", "sentence_transformers", "torch", "transformers",
}  # fmt: skip


def test_the_page_is_served_without_models_and_what_others_do_with_gradio_and_all_that_is_there_afterwards(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", SERVE_THE_PAGE, str(tmp_path)]
    served, loaded, *rest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert served == "True []"
    assert not LEFT_OUT & set(loaded.split())
    assert rest == ["True True", "True", "True"]


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_and_each_of_its_options_is_documented(name: str) -> None:
    command = commands.commands[name]

    assert command.help
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_every_make_command_of_the_readme_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    mentioned = set(re.findall(r"\bmake ([a-z-]+)", "\n".join(code_of_readme())))

    assert {"chat", "test"} <= mentioned <= targets


def test_every_pincite_command_of_the_readme_exists() -> None:
    mentioned = set(re.findall(r"\bpincite ([a-z]+)", "\n".join(code_of_readme())))

    assert mentioned == set(commands.commands)


def code_of_readme() -> list[str]:
    """Fenced blocks and stretches in back quotes."""
    return re.findall(r"```.*?```|`[^`\n]+`", README, re.DOTALL)


def test_the_readme_has_a_phrase_for_each_file_and_names_no_other() -> None:
    listed = re.findall(r"^\| `([\w/]+\.py)` \|", README, re.MULTILINE)
    files = names([path for path in MODULES if path.name != "__init__.py"])

    assert listed == files


def test_the_readme_s_command_prints_what_it_shows(tmp_path: Path) -> None:
    [console] = re.findall(r"```console\n\$ (.*?)\n(.*?)```", README, re.DOTALL)
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(console[0], shell=True, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.stderr == ""
    assert done.stdout.replace(str(ROOT), "/home/ada/pincite") == console[1]


def test_the_readme_s_python_example_runs(tmp_path: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert (
        "They should arrange for the return of refugees and ensure that illegals do not come from there" in done.stdout
    )
