"""The command `course`: one subcommand a job, each imported when it runs."""

import importlib
import sys

COMMANDS = {
    "figures": ("course.book.figures", "figures", "draw the figures of the book, or --check them"),
    "train": ("course.train.command", "train", "train a demo with torch; alone, list the demos"),
    "lab": ("course.lab.command", "labs", "list the labs, write one here, or check what came back"),
    "ledger": ("course.book.ledger", "book", "print what is checked, page by page"),
}


def usage() -> str:
    """The list of subcommands."""
    lines = [f"  course {name:10}{words}" for name, (_, _, words) in COMMANDS.items()]
    return "\n".join(["usage: course COMMAND [...]", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; return its exit status."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in ("-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        print(f"course: there is no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module, extra, _ = COMMANDS[name]
    try:
        run = importlib.import_module(module).main
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.startswith("course"):
            raise
        words = f"course {name} needs {missing.name}: pip install 'forward-and-back[{extra}]'"
        print(words, file=sys.stderr)
        return 1
    return int(run(rest))


if __name__ == "__main__":
    sys.exit(main())
