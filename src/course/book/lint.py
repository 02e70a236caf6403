"""`python -m course.book.lint`: ruff on the code of every page, with the page's own line numbers."""

import re
import subprocess
import sys
from pathlib import Path

from course.book.page import pages, read

# A page imports where the reader needs the name, and may show an expression or an import for its own sake.
IGNORED = "D,E402,F401,I001,B018,INP,PTH,RUF005,NPY002,E731,E741,SIM,B905,C4,PERF,T,UP"

INCLUDE = re.compile(r'(?P<indent> *)--8<-- "[^":]+:(?P<name>\w+)"')  # stands for the name that it defines


def python_of(path: Path, docs: Path) -> str:
    """The python fences of a page, each on the lines where the page has them, and nothing else."""
    lines = [""] * (path.read_text(encoding="utf-8").count("\n") + 2)
    for fence in read(path, docs).fences:
        if fence.language == "python":
            for n, line in enumerate(fence.written.splitlines(), fence.line):
                lines[n] = INCLUDE.sub(r"\g<indent>\g<name> = None", line)
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Lint every page; the number of pages with findings, at most 1."""
    docs, failed = Path("docs"), 0
    for path in pages(docs):
        code = python_of(path, docs)
        if code.strip():
            command = [
                sys.executable,
                "-m",
                "ruff",
                "check",
                "--quiet",
                "--ignore",
                IGNORED,
                "--output-format",
                "concise",
            ]
            run = subprocess.run([*command, "--stdin-filename", f"{path}.py", "-"], input=code, text=True)
            failed |= run.returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
