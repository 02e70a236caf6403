"""Ruff on the code of the pages: each page as one program, on its own lines. `python -m course.book.lint [docs]`."""

import subprocess
import sys
from pathlib import Path

from course.book.page import Page, pages, read

WIDTH = 66  # columns that a page shows without scrolling
# A page imports where it explains, shows bare values, defines things twice, and says in its text what they are for.
IGNORED = "E402,B018,F811,D,I001,E741,RUF100"


def program(page: Page) -> str:
    """The python of a page, each line where it stands on the page."""
    lines = [""] * len(page.source.text.splitlines())
    for step in page.steps:
        if step.kind == "block":
            names = [f"{name} as {name}" for section in step.sections for name in section.names]
            code = [f"from course import {', '.join(names)}  # noqa: E501"] if names else step.code.splitlines()
            lines[step.line : step.line + len(code)] = code
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Lint every page; the exit status says whether anything was found."""
    status = 0
    for path in pages(docs := Path(*arguments or ["docs"]).resolve()):
        page = read(path, docs)
        command = [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "-q",
            "--output-format",
            "concise",
            "--extension",
            "md:python",
        ]
        command += ["--line-length", str(WIDTH), "--extend-ignore", IGNORED, "--stdin-filename", page.name, "-"]
        status |= subprocess.run(command, input=program(page), text=True, encoding="utf-8").returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
