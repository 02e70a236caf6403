"""What the site makes of a lab: two pages with outputs and pictures, and four downloads; how long outputs are kept."""

import json
import logging
import re
import subprocess
import sys
import tomllib
import types
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from course.book.site import finish, hooks, labs
from course.lab import notebooks

ROOT = Path(__file__).parents[2]
EXECUTE = {"execute": True, "allow_errors": False}
TOY = r"""# %% [markdown]
# # Echoes
#
# We hear $y$, as [the chapter](../convolution/convolution.md#the-sum) says. More of it in [lab 2](other.py).

# %%
import time

import matplotlib.pyplot as plt

from course.lab import show

print("at", time.time_ns())

# %% [markdown]
# ### 1.1 Fill

# %%
#: gap
# y = ...
#: solution
y = [[0, 1], [1, 2]]
#: end
y

# %%
show(("the echo", y), (f"{1} more", [[1, 2]]))

# %%
# alt: A line,
#   which [rises].
plt.plot([1, 2])
plt.show()
"""


class Book:
    """A book of one lab, in a folder of its own."""

    def __init__(self, root: Path, lab: str = TOY) -> None:
        self.root, self.problems = root, list[str]()
        known = {name: getattr(notebooks, name) for name in ("student", "solution", "absolute", "notebook")}
        self.teller = cast(labs.Teller, types.SimpleNamespace(LABS={"toy": (1, "Echoes")}, **known))
        self.write("docs/labs/toy.py", lab)
        self.write("src/room.py", "x = 1\n")
        self.write("constraints.txt", "numpy==2\n")

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    @property
    def versions(self) -> list[labs.Version]:
        return labs.versions(self.teller, self.root / "docs")

    @property
    def places(self) -> set[Path]:
        around = labs.surroundings(self.root)
        return {labs.place_of(version, self.root, around) for version in self.versions}

    def executed(self, settings: dict[str, Any] | None = EXECUTE) -> list[labs.Notebook | None]:
        return labs.executed(self.versions, self.root, settings)

    def published(self, executed: list[labs.Notebook | None]) -> dict[str, Any]:
        addresses = ("https://book.test/", "https://github.com/somebody/something", self.problems.append)
        pairs = zip(self.versions, executed, strict=True)
        return dict(pair for v, n in pairs for pair in labs.published(v, n, self.teller, *addresses).items())


def test_a_lab_becomes_two_pages_with_pictures(tmp_path: Path) -> None:
    book = Book(tmp_path)
    files = book.published(book.executed())
    assert book.problems == []
    page, solved = files["toy.md"], files["toy-solution.md"]
    assert "[The solutions](toy-solution.md)" in page and "](toy.md)" in solved, "the other one is one click away"
    assert "y = ...\ny\n```" in page and "y = [[0, 1], [1, 2]]\ny\n```" in solved
    assert '```text title="Output"\nEllipsis\n```' in page and '"Output"\n[[0, 1], [1, 2]]\n```' in solved
    assert "exclude: false" in page and "exclude: true" in solved, "a search finds no solution"
    for stem, text in (("toy", page), ("toy-solution", solved)):
        assert text.count("\n# ") == 1 and f"# Lab 1{', solved' * (text is solved)}. Echoes\n" in text
        assert "](../convolution/convolution.md#the-sum)" in text and "[lab 2](other.md)" in text
        assert f"![Side by side: the echo; … more]({stem}-1.png)" in text
        assert rf"![A line, which \[rises\].]({stem}-2.png)" in text and "# alt" not in text
        assert labs.NOT_RUN not in text
        pictures = {name: content for name, content in files.items() if re.fullmatch(rf"{stem}-\d\.png", name)}
        assert len(pictures) == 2
        for picture in pictures.values():
            wide = int.from_bytes(picture[16:20], "big")
            shown = finish.size(picture)
            assert shown is not None and 1.5 < wide / shown[0] < 3, "finer than the screen, and shown at its size"


def test_the_downloads_run_anywhere(tmp_path: Path) -> None:
    book = Book(tmp_path)
    files = book.published([None, None])
    for stem, version in (("toy", notebooks.student), ("toy-solution", notebooks.solution)):
        text = notebooks.absolute(version(TOY), "https://book.test/")
        assert files[f"{stem}.py"] == text and "https://book.test/convolution/convolution/#the-sum" in text
        notebook = nbformat.reads(files[f"{stem}.ipynb"], 4)
        nbformat.validate(notebook)
        own = [cell.source for cell in notebook.cells if cell.id != labs.INSTALLS]
        assert own == [cell.source for cell in notebooks.cells(text)]
        assert notebook.cells[1].id == labs.INSTALLS and "git+https://github.com/somebody/something" in str(notebook)
        page = files[f"{stem}.md"]
        assert f"colab.research.google.com/github/somebody/something/blob/notebooks/{stem}.ipynb" in page
        assert f"mybinder.org/v2/gh/somebody/something/main?labpath={stem}.ipynb" in page
        assert 'pip install "git+https://github.com/somebody/something"' in page


def test_outputs_are_kept_until_something_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(tmp_path, "# %% [markdown]\n# # Echoes\n\n# %%\nimport time\n\nprint(time.time_ns())\n")
    first = book.executed()
    assert {*(tmp_path / "build/labs").iterdir()} == book.places
    with monkeypatch.context() as patch:  # no kernel is started for what is kept
        patch.setattr(labs, "execute", lambda *_: pytest.fail("executed again"))
        assert book.executed() == first == book.executed(None)
    seen = [book.places]
    for name, text in {
        "src/room.py": "x = 2\n",
        "src/files/data.txt": "new\n",
        "constraints.txt": "numpy==2.1\n",
        "docs/labs/toy.py": "# %% [markdown]\n# # Echoes\n\n# %%\nprint(1)\n",
    }.items():
        book.write(name, text)
        assert all(book.places.isdisjoint(places) for places in seen), name
        seen.append(book.places)
    assert book.executed(None) == [None, None]
    book.write("src/__pycache__/room.pyc", "")
    book.write("docs/labs/index.md", "# Labs\n")
    assert book.places == seen[-1]
    assert book.executed() != first and {*(tmp_path / "build/labs").iterdir()} == book.places, "and the old ones go"


def test_without_a_kernel_there_are_no_outputs_and_the_page_says_so(tmp_path: Path) -> None:
    book = Book(tmp_path)
    files = book.published(book.executed(None))
    assert not any(name.endswith(".png") for name in files) and book.problems == []
    for name in ("toy.md", "toy-solution.md"):
        assert labs.NOT_RUN in files[name] and "Output" not in files[name] and "show((" in files[name]


@pytest.mark.parametrize("settings", ["mkdocs.yml", "mkdocs.labs.yml"])
def test_a_failing_lab_fails_the_build_that_executes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    lab = TOY.replace("y = [[0, 1], [1, 2]]", "y = 1 / 0")
    book = Book(tmp_path, lab)
    config = load_config(str(ROOT / settings), docs_dir=str(tmp_path / "docs"))
    config.config_file_path = str(tmp_path / settings)
    monkeypatch.setattr(labs, "teller", lambda _: book.teller)
    monkeypatch.setattr(hooks, "build", hooks.Build(tmp_path), raising=False)
    config.plugins._current_plugin = "hooks"
    files = Files([])
    if settings == "mkdocs.yml":
        hooks.publish_labs(files, config)
        assert hooks.build.labs == {"labs/toy.md", "labs/toy-solution.md"}
        return
    with pytest.raises(PluginError) as raised:
        hooks.publish_labs(files, config)
    line = lab.splitlines().index("y = 1 / 0") + 1
    said = f"docs/labs/toy.py:{line}: the solution does not run: ZeroDivisionError: division by zero"
    assert str(raised.value) == said and not list(files)
    kept = [path.name for path in (tmp_path / "build/labs").iterdir()]
    assert len(kept) == 1 and kept[0].startswith("toy.") and kept[0].endswith(".ipynb"), "nothing half-made is kept"


def test_what_a_lab_owes_its_page_is_a_warning(tmp_path: Path) -> None:
    cell = "plt.plot([1])\nplt.show()\nimport warnings\nwarnings.warn('mind', stacklevel=1)\n"
    book = Book(tmp_path, f"# %% [markdown]\n# # Echoes\n\n# %%\nimport matplotlib.pyplot as plt\n\n# %%\n{cell}")
    book.published(book.executed())
    warned, silent = book.problems[:2]
    assert warned.startswith("docs/labs/toy.py:8: the cell warns") and "mind" in warned
    assert silent == "docs/labs/toy.py:8: a picture without a line `# alt: what it shows` in its cell"


def test_the_page_shows_the_code_of_its_notebook(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "id": i, "source": [text]} for i, text in (("a", "x < 1"), (labs.INSTALLS, "y"))]
    (tmp_path / "labs/toy").mkdir(parents=True)
    (tmp_path / "labs/toy.ipynb").write_text(json.dumps({"cells": cells}))
    page = (
        '<div class="language-python highlight"><pre><span></span><code>x <span class="o">&lt;</span> {}\n</code></pre>'
    )
    (tmp_path / "labs/toy/index.html").write_text(page.format(1))
    assert list(labs.differences(tmp_path)) == []
    (tmp_path / "labs/toy/index.html").write_text(page.format(2))
    assert list(labs.differences(tmp_path)) == ["labs/toy/: the page shows other code than its notebook"]


def test_every_lab_has_its_place_in_the_book(caplog: pytest.LogCaptureFixture) -> None:
    known = {path.stem for path in (ROOT / "docs/labs").glob("*.py")}
    assert known <= notebooks.LABS.keys()
    nav = re.findall(r"labs/(\w+)\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert {*nav} - {"index", "teachers"} == known
    config = load_config(str(ROOT / "mkdocs.labs.yml"))
    settings = config.plugins["mkdocs-jupyter"].config
    assert settings["execute"] is True and settings["allow_errors"] is False
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_reading_the_book_needs_no_kernel() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert not re.search("jupyter|kernel|nb|labs|torch", " ".join(extras["site"]))
    code = (
        "import sys; from course.book.site import hooks, labs; from pathlib import Path\n"
        "from mkdocs.config import load_config; config = load_config('mkdocs.yml')\n"
        "found = labs.versions(labs.teller(config.extra['labs']), Path('docs'))\n"
        "labs.executed(found, Path('.'), None)\n"
        "assert not {'mkdocs_jupyter', 'nbconvert', 'nbclient', 'ipykernel', 'torch', 'matplotlib'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_binder_finds_every_notebook(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / ".binder/postBuild")], cwd=tmp_path, check=True)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {f"{name}{solved}.ipynb" for name in notebooks.LABS for solved in ("", "-solution")}
    assert (ROOT / ".binder/runtime.txt").read_text() == "python-3.11\n"
