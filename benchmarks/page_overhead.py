"""What `pytest docs` adds to the code of a page: `python -m benchmarks.page_overhead`, in milliseconds a block."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCKS, ROUNDS = 200, 5
BLOCK = """\
```python
x = np.arange({n}, {n} + 12).reshape(3, 4)
print(x @ x.T)
```
```text title="Output"
{printed}```

Its sum is {sum}<!-- = x.sum() -->.

"""
SETUP = "import numpy as np\n"


def page(blocks: int) -> tuple[str, list[str]]:
    """A page with so many blocks, outputs and numbers; and the code alone."""
    text, codes, space = f"# Page\n\n```python\n{SETUP}```\n\n", [SETUP], {}
    exec(SETUP, space)
    for n in range(blocks):
        code = BLOCK.format(n=n, printed="", sum=0).split("```")[1].removeprefix("python\n")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, space)
        text += BLOCK.format(n=n, printed=printed.getvalue(), sum=space["x"].sum())
        codes.append(code)
    return text, codes


def run(folder: Path, name: str) -> float:
    """The seconds of processor time that pytest takes for one page, its own start included."""
    command = [sys.executable, "-m", "pytest", f"docs/{name}.md", "-q", "-p", "no:cacheprovider"]
    start = sum(os.times()[2:4])
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return sum(os.times()[2:4]) - start


def alone(codes: list[str]) -> float:
    """The seconds that the code takes by itself."""
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        space: dict[str, object] = {}
        for code in codes:
            exec(code, space)
    return time.perf_counter() - start


def main() -> None:
    """Print the overhead a block; each time is the least of some rounds, interleaved."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "docs").mkdir()
        (folder / "pytest.ini").touch()
        shutil.copy(ROOT / "docs/conftest.py", folder / "docs")
        text, codes = page(BLOCKS)
        (folder / "docs/long.md").write_text(text, encoding="utf-8")
        (folder / "docs/short.md").write_text(page(0)[0], encoding="utf-8")
        times = [(run(folder, "long"), run(folder, "short"), alone(codes)) for _ in range(ROUNDS)]
    long, short, code = map(min, zip(*times, strict=True))
    print(f"{BLOCKS} blocks, each with an output and a number: {1000 * (long - short - code) / BLOCKS:.2f} ms a block")


if __name__ == "__main__":
    main()
