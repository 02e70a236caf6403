"""Serve the built site as its host does: under a sub-path, compressed, with its own page for what is not there."""

import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

PATH = "/book/"
PACKED = {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt"}


class Host(http.server.SimpleHTTPRequestHandler):
    """GitHub Pages in forty lines."""

    protocol_version = "HTTP/1.1"
    public = ""  # the address that the site was built for

    def do_GET(self) -> None:
        """Answer with a file, a redirect or the page of unknown addresses."""
        asked = urlsplit(self.path).path
        if not asked.startswith(PATH):
            return self.answer(404, b"outside the book", "text/plain")
        target = Path(self.directory) / asked.removeprefix(PATH)
        if target.is_dir() and not asked.endswith("/"):
            self.send_response(301)
            self.send_header("Location", asked + "/")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if target.is_dir():
            target = target / "index.html"
        status = 200 if target.is_file() else 404
        target = target if status == 200 else Path(self.directory) / "404.html"
        body = target.read_bytes()
        if target.name == "sitemap.xml":  # instant navigation wants the sitemap's origin to be the page's own
            here = f"http://{self.headers['Host']}{PATH}"
            body = body.replace(self.public.encode(), here.encode())
        self.answer(status, body, self.guess_type(str(target)), target.suffix in PACKED)

    def answer(self, status: int, body: bytes, kind: str, pack: bool = False) -> None:
        """Send one whole answer."""
        if pack:
            body = gzip.compress(body, 6)
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        if pack:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server that does not mind a browser that leaves."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of the site in `folder`, served as long as the block runs."""
    sitemap = (folder / "sitemap.xml").read_text(encoding="utf-8")
    Host.public = sitemap.partition("<loc>")[2].partition("</loc>")[0]
    handler = functools.partial(Host, directory=str(folder))
    with Server(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        finally:
            server.shutdown()
            thread.join()
