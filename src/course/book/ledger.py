"""The public ledger: every claim of the book with the check behind it, and the versions it last held on.

`docs/reference/ledger.json` is written by a complete run of `pytest docs`, never by hand.
"""

import contextlib
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
    """What a run found: the claims of every page, with what their checks told about them."""
    versions = {"python": python_version()}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    rows: list[Ledger] = []
    for page in sorted(pages, key=lambda page: (page.chapter or 0, page.uri)):
        said = [{key: value for key, value in vars(claim).items() if value and key != "line"} for claim in page.claims]
        claims = [{**claim, **facts.get((page.uri, claim["id"]), {})} for claim in said]
        if claims:
            rows.append({"page": page.uri, "chapter": page.chapter, "title": page.title, "claims": claims})
    return {"versions": versions, "pages": rows}


def differences(committed: Ledger, run: Ledger) -> list[str]:
    """Which claims came, went or changed; versions may differ, and few runs count misprints."""
    old, new = dict[str, Any](), dict[str, Any]()
    for claims, ledger in ((old, committed), (new, run)):
        for page, claim in [(p, claim) for p in ledger["pages"] for claim in p["claims"]]:
            said = {key: value for key, value in claim.items() if key != "misprints"}
            claims[f"{page['page']}: {claim['name']}"] = [page["title"], said]
    changed = [key for key in {**new, **old} if old.get(key) != new.get(key)]
    return [f"{key}: in the ledger {old.get(key)}, now {new.get(key)}" for key in changed]


def totals(ledger: Ledger) -> str:
    """The whole book in a line."""
    sums = Counter(claim["kind"] for page in ledger["pages"] for claim in page["claims"])
    return f"{sums.total()} claims: " + ", ".join(f"{n} {kind}{'s' * (n != 1)}" for kind, n in sorted(sums.items()))


def main(arguments: list[str]) -> int:
    """Print what is checked, page by page, from the ledger of the repository that one stands in."""
    ledger = load(Path(*arguments))
    for page in ledger["pages"]:
        print(f"\n{page['page']}: {page['title']}")
        for claim in page["claims"]:
            print(f"  {claim['name']:16}{claim['how']:10}{claim['check']}")
    print(f"\n{totals(ledger)}\nlast checked with", ", ".join(f"{k} {v}" for k, v in ledger["versions"].items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
