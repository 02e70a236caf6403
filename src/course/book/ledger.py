"""The public ledger: every claim of the book with the check behind it, and the versions it last held on.

`docs/reference/ledger.json` is written by a complete run of `pytest docs`, never by hand.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from course.book.page import Page

FILE = "docs/reference/ledger.json"
LIBRARIES = ("numpy", "scipy", "scikit-image", "torch", "matplotlib")
Ledger = dict[str, Any]


def load(root: Path) -> Ledger:
    """The committed ledger of a repository; an empty one where there is none yet."""
    path = root / FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {"versions": {}, "pages": []}


def found(pages: Iterable[Page], facts: Mapping[tuple[str, str], Mapping[str, Any]]) -> Ledger:
    """What a run found: the claims of every page, with what its steps told about them."""
    rows = [
        {
            "page": page.uri,
            "chapter": page.chapter,
            "title": page.title,
            "claims": [
                {"kind": c.kind, "id": c.id, "name": c.name, "how": c.how, "check": c.check}
                | ({"reason": c.reason} if c.reason else {})
                | dict(facts.get((page.uri, c.id), {}))
                for c in page.claims
            ],
        }
        for page in pages
        if page.claims
    ]
    return {"versions": versions(), "pages": sorted(rows, key=lambda row: (row["chapter"] or 0, row["page"]))}


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries that the pages use, as far as they are here."""
    known = {"python": python_version()}
    for name in LIBRARIES:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            continue
    return known


def written(ledger: Ledger) -> str:
    """The text of the ledger's file."""
    return json.dumps(ledger, indent=1, ensure_ascii=False) + "\n"


def rows(ledger: Ledger) -> dict[str, str]:
    """Each claim in one line that is compared; counts of misprints are left out, for few runs make them."""
    return {
        f"{page['page']}: {claim['name']}": f"{page['chapter']} {page['title']}: "
        + "; ".join(f"{key}: {value}" for key, value in claim.items() if key != "misprints")
        for page in ledger["pages"]
        for claim in page["claims"]
    }


def differences(committed: Ledger, run: Ledger) -> list[str]:
    """Which claims came, went or changed."""
    old, new = rows(committed), rows(run)
    lines = [f"{name} is not in the ledger" for name in new if name not in old]
    lines += [f"{name} is in the ledger and no longer in the book" for name in old if name not in new]
    return lines + [
        f"{name} was\n  {old[name]}\nand is\n  {new[name]}" for name in new if old.get(name, new[name]) != new[name]
    ]


def totals(ledger: Ledger) -> str:
    """The whole book in a line."""
    sums = Counter(claim["kind"] for page in ledger["pages"] for claim in page["claims"])
    kinds = ", ".join(f"{n} {kind}{'s' * (n != 1)}" for kind, n in sorted(sums.items()))
    return f"{sums.total()} claims: {kinds}"


def main(arguments: list[str]) -> int:
    """Print what is checked, page by page, from the ledger of the repository that one stands in."""
    ledger = load(Path(arguments[0]) if arguments else Path.cwd())
    for page in ledger["pages"]:
        print(f"\n{page['page']}: {page['title']}")
        for claim in page["claims"]:
            print(f"  {claim['name']:16}{claim['how']:10}{claim['check']}")
    print("\n" + totals(ledger))
    print("last checked with " + ", ".join(f"{k} {v}" for k, v in ledger["versions"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
