"""What pyproject.toml cannot say: the labs, which stand in docs/labs, ship with the room `course.lab`."""

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent


class Build(build_py):
    """Also put the sources of the labs, and the book's address, beside the module that reads them."""

    def run(self) -> None:
        """Build; a package that is installed as it stands reads docs/labs itself."""
        super().run()
        if not self.editable_mode:
            folder = Path(self.build_lib) / "course/lab/texts"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for source in sorted((ROOT / "docs/labs").glob("*.py")):
                shutil.copy(source, folder)
            address = re.search(r"^site_url:.*?(https?://[^\s\"\]]+)", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M)
            if address is None:
                raise SystemExit("setup: mkdocs.yml sets no site_url")
            (folder / "site.txt").write_text(address[1].rstrip("/") + "/\n", "utf-8")


setup(cmdclass={"build_py": Build})
