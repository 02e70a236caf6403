"""What is said in more than one file of the project says the same."""

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

import course

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.M))


def requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [r for group in [PROJECT["dependencies"], *extras] for r in group if not r.startswith("forward-and-back")]


def release(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def test_the_version_is_one() -> None:
    assert PROJECT["version"] == course.__version__
    assert f"\nversion: {course.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {course.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_requirement_is_pinned_within_its_range() -> None:
    pins = {name.lower().replace("_", "-"): version for name, version in PINS.items()}
    for requirement in requirements():
        name, oldest, newest = re.match(r"([\w.-]+)>=([\w.]+)(?:,<([\w.]+))?$", requirement).groups()  # type: ignore[union-attr]
        assert release(oldest) <= release(pins[name]), requirement
        assert newest is None or release(pins[name]) < release(newest), requirement


def test_every_pin_runs_on_the_oldest_python_that_is_promised() -> None:
    """Its first release: a Debian may stay with one of the first for years."""
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    known = {d.metadata["Name"].lower().replace("_", "-"): d for d in importlib.metadata.distributions()}
    needed = {
        name: known[key].metadata["Requires-Python"]
        for name in PINS
        if (key := name.lower().replace("_", "-")) in known
    }
    assert len(needed) > len(PINS) / 2
    assert {n: p for n, p in needed.items() if p and oldest not in SpecifierSet(p)} == {}


def test_the_lowest_lane_takes_the_oldest_that_each_range_allows() -> None:
    specification = importlib.util.spec_from_file_location("environment", ROOT / ".ci/environment.py")
    assert specification is not None and specification.loader is not None
    environment = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(environment)
    pins = environment.lane_pins("lowest").split()
    assert sorted(pins) == sorted(re.sub(r">=([\w.]+).*", r"==\1", r) for r in requirements())


def test_the_addresses_are_set_once() -> None:
    settings = (ROOT / "mkdocs.yml").read_text()
    site, repository = (
        re.search(rf"^{key}: (?:!ENV \[\w+, )?\"?(https://[^\s\"\]]+)", settings, re.M)
        for key in ("site_url", "repo_url")
    )
    assert site and repository
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        path = ROOT / name
        if (
            name == "mkdocs.yml"
            or path.suffix in {".png", ".woff2", ".npz", ".ttf", ".otf", ".gz"}
            or not path.is_file()
        ):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for address in (site[1].rstrip("/"), repository[1]):
            assert address not in text, f"{name} repeats {address}, which mkdocs.yml sets"


def test_actions_are_pinned_by_commit_and_may_do_little() -> None:
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        text = path.read_text()
        for action in re.findall(r"uses: (\S+)", text):
            assert action.startswith("./") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), f"{path.name}: {action}"
        assert re.search(r"^permissions:\n  contents: read$|^permissions: \{\}$", text, re.M), path.name


def test_python_versions_agree() -> None:
    assert PROJECT["requires-python"] == ">=3.11" and sys.version_info >= (3, 11)
    assert "sys.version_info < (3, 11)" in (ROOT / "make.py").read_text()
