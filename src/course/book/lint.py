"""`python -m course.book.lint`: ruff, as linter and as formatter, on the code of every page."""

import difflib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from course.book.include import LINE, needs, section
from course.book.page import pages, read
from course.book.source import Fence

# A page imports where the reader needs the name, and may show an expression or an import for its own sake.
IGNORED = "D,E402,F401,F811,I001,B018,PTH,RUF005,NPY002,E731,E741,SIM,B905,C4,UP"
COLUMNS = "66"  # what fits on the page without scrolling
RUFF = [sys.executable, "-m", "ruff"]


def python(path: Path, docs: Path) -> list[Fence]:
    """The python fences of a page."""
    return [fence for fence in read(path, docs).fences if fence.language == "python"]


def names(include: re.Match[str]) -> str:
    """A line that defines what the included section or snippet does."""
    found = needs(compile(section(Path(), include["file"], include["name"]).shown, include["file"], "exec"))
    return " = ".join([*sorted(found.bound - {"np"}), "None"])


def lint(path: Path, fences: Iterable[Fence]) -> int:
    """Lint a page as one file, in which each block stands on the lines where the page has it."""
    lines = [""] * (path.read_text(encoding="utf-8").count("\n") + 2)
    for fence in fences:
        for n, line in enumerate(fence.written.splitlines(), fence.line):
            lines[n] = LINE.sub(names, line)
    command = [*RUFF, "check", "--quiet", "--ignore", IGNORED, "--output-format", "concise"]
    code = "\n".join(lines).rstrip() + "\n"
    return subprocess.run([*command, "--stdin-filename", f"{path}.py", "-"], input=code, text=True).returncode


def misformatted(blocks: list[tuple[str, str]]) -> list[str]:
    """The blocks (place, code) that the formatter would write otherwise; one blank line between functions is enough."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"block{n}.py") for n in range(len(blocks))]
        for file, (_, code) in zip(files, blocks, strict=True):
            file.write_text(code, encoding="utf-8")
        subprocess.run([*RUFF, "format", "--quiet", "--isolated", "--line-length", COLUMNS, folder], check=False)
        for file, (place, code) in zip(files, blocks, strict=True):
            fresh = re.sub(r"\n{3,}", "\n\n", file.read_text(encoding="utf-8"))
            if fresh != code:
                change = difflib.unified_diff(code.splitlines(), fresh.splitlines(), place, "ruff format", lineterm="")
                found.append("\n".join(change))
    return found


def main() -> int:
    """Lint and compare the format of every page; 1 if anything was found."""
    docs, status, blocks = Path("docs"), 0, []
    for path in pages(docs):
        if fences := python(path, docs):
            status |= lint(path, fences)
            blocks += [(f"{path}:{f.line}", f.written) for f in fences if "--8<--" not in f.written]
    found = misformatted(blocks)
    print(*found, sep="\n", end="\n" if found else "")
    return int(status != 0 or bool(found))


if __name__ == "__main__":
    sys.exit(main())
