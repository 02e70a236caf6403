"""Read IDX files, the format of MNIST and Fashion-MNIST; a file is checked to its end before it is loaded."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# The third byte of an IDX file names the type of its elements; all are stored most significant byte first.
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_DIMENSIONS = 64  # of a NumPy array

CHUNK = 1 << 13  # bytes that are read, or unpacked, at a time
GZIP = b"\x1f\x8b"  # how a gzipped file begins
BOMB_RATIO, BOMB_BYTES = 100, 1 << 24  # a file that unpacks to more than both is taken for a bomb

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
LENGTHS = {"train": 60_000, "test": 10_000}

# MD5 of the unpacked content, so that the original .gz, one packed anew and the plain file all pass.
MD5 = {
    ("mnist", "train-images-idx3-ubyte"): "6bbc9ace898e44ae57da46a324031adb",
    ("mnist", "train-labels-idx1-ubyte"): "a25bea736e30d166cdddb491f175f624",
    ("mnist", "t10k-images-idx3-ubyte"): "2646ac647ad5339dbf082846283269ea",
    ("mnist", "t10k-labels-idx1-ubyte"): "27ae3e4e09519cfbb04c329615203637",
    ("fashion_mnist", "train-images-idx3-ubyte"): "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    ("fashion_mnist", "train-labels-idx1-ubyte"): "9018921c3c673c538a1fc5bad174d6f9",
    ("fashion_mnist", "t10k-images-idx3-ubyte"): "8181f5470baa50b63fa0f6fddb340f0a",
    ("fashion_mnist", "t10k-labels-idx1-ubyte"): "15d484375f8d13e6eb1aabb0c3f46965",
}
SOURCES = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "fashion_mnist": "https://github.com/zalandoresearch/fashion-mnist",
}
AGAIN = "copy or download it again"


class Header(NamedTuple):
    """What an IDX file says of itself in its first bytes."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes in the header."""
        return 4 + 4 * len(self.shape)

    @property
    def promised(self) -> int:
        """Bytes in the whole file, unpacked, if the header is true."""
        return self.length + prod(self.shape) * self.dtype.itemsize


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read one IDX file, plain or gzipped, into an array of the type and shape that its header names.

    The whole file is checked before memory for the array is asked for, whatever the header says; besides
    the array less than 100 KB are in use. A damaged file (cut short, too long, not IDX, more than 16 MB that
    unpack to more than 100 times their size) raises `ValueError`, a missing one `FileNotFoundError`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> six = bytes([0, 0, 8, 2]) + bytes([0, 0, 0, 2]) + bytes([0, 0, 0, 3]) + bytes([1, 2, 3, 4, 5, 6])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "six-idx2-ubyte"
    ...     _ = path.write_bytes(six)
    ...     print(read_idx(path))
    [[1 2 3]
     [4 5 6]]
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"read_idx: there is no file '{file}'; check the path")
    header, _ = survey("read_idx", file)
    return load("read_idx", file, header)


def mnist(folder: str | os.PathLike[str], split: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Load MNIST from `folder`: images (60000, 28, 28), uint8 as stored, and labels (60000,), int64.

    `split="test"` loads the other 10,000. The folder holds the four files under their own names, plain or
    gzipped; nothing is downloaded. Each file's magic number, sizes and checksum are verified.

    >>> mnist("no/such/folder")
    Traceback (most recent call last):
    FileNotFoundError: mnist: there is no train-images-idx3-ubyte, plain or .gz, in 'no/such/folder'; \
put it there, from https://ossci-datasets.s3.amazonaws.com/mnist/
    """
    return verified_pair("mnist", folder, split)


def fashion_mnist(folder: str | os.PathLike[str], split: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Load Fashion-MNIST from `folder`: images (60000, 28, 28), uint8 as stored, and labels (60000,), int64.

    `split="test"` loads the other 10,000. The folder holds the four files under their own names, plain or
    gzipped; nothing is downloaded. Each file's magic number, sizes and checksum are verified.

    >>> fashion_mnist("no/such/folder", split="all")
    Traceback (most recent call last):
    ValueError: fashion_mnist: split is 'all', but must be 'train' or 'test'
    """
    return verified_pair("fashion_mnist", folder, split)


def verified_pair(name: str, folder: str | os.PathLike[str], split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images and labels of one split, each file checked against what is known of it."""
    if split not in FILES:
        raise ValueError(f"{name}: split is {split!r}, but must be 'train' or 'test'")
    image_file, label_file = FILES[split]
    images = verified(name, Path(folder), image_file, (LENGTHS[split], 28, 28))
    labels = verified(name, Path(folder), label_file, (LENGTHS[split],))
    return images, labels.astype(np.int64)


def verified(name: str, folder: Path, stem: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """One file of a known data set, if it is there and is what it should be."""
    candidates = [folder / spelt for spelt in (stem, f"{stem}.gz", dotted(stem), f"{dotted(stem)}.gz")]
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        raise FileNotFoundError(
            f"{name}: there is no {stem}, plain or .gz, in '{folder}'; put it there, from {SOURCES[name]}"
        )
    header, md5 = survey(name, file)
    if header != Header(np.dtype(np.uint8), shape):
        raise ValueError(
            f"{name}: '{file}' holds {header.dtype} of shape {header.shape}, but {stem} is uint8 of shape "
            f"{shape}; replace it by the file from {SOURCES[name]}"
        )
    if md5 != MD5[name, stem]:
        owner = next((f", but {other}'s {its}" for (other, its), known in MD5.items() if known == md5), "")
        raise ValueError(
            f"{name}: '{file}' is not {stem}{owner} (its content's MD5 is {md5}, not {MD5[name, stem]}); "
            f"replace it by the file from {SOURCES[name]}"
        )
    return load(name, file, header)


def dotted(stem: str) -> str:
    """The other spelling under which these files travel: train-images.idx3-ubyte."""
    return stem.replace("-idx", ".idx")


def survey(operation: str, file: Path) -> tuple[Header, str]:
    """Go through a file without keeping it: its header, once the rest bears it out, and its content's MD5."""
    chunks = content(operation, file)
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= 4 + 4 * MOST_DIMENSIONS:
            break
    header = parsed(operation, file, start)
    digest = hashlib.md5(start, usedforsecurity=False)
    found = len(start)
    for chunk in chunks:
        digest.update(chunk)
        found += len(chunk)
        if found > header.promised:
            break
    if found != header.promised:
        ill = f"holds {found:,}" if found < header.promised else "goes on after them"
        raise ValueError(
            f"{operation}: '{file}' is cut short or too long: its header {header.shape} of {header.dtype} "
            f"promises {header.promised:,} bytes, but it {ill}; {AGAIN}"
        )
    return header, digest.hexdigest()


def parsed(operation: str, file: Path, start: bytes) -> Header:
    """Read the header at the start of a file: two zeros, the type, how many dimensions, and each of these."""

    def refuse(reason: str) -> ValueError:
        return ValueError(f"{operation}: '{file}' is not a sound IDX file: {reason}; {AGAIN}")

    if len(start) < 4:
        raise refuse(f"it ends within its header, after {len(start)} bytes")
    if start[:2] != b"\0\0":
        raise refuse(f"it begins with the bytes {start[:2].hex(' ')}, where 00 00 should be")
    if start[2] not in TYPES:
        known = ", ".join(f"{code:02x}" for code in TYPES)
        raise refuse(f"its element type is {start[2]:02x}, where one of {known} should be")
    if not 1 <= start[3] <= MOST_DIMENSIONS:
        raise refuse(f"it has {start[3]} dimensions, where 1 to {MOST_DIMENSIONS} should be")
    if len(start) < 4 + 4 * start[3]:
        raise refuse(f"it ends within its header, after {len(start)} bytes")
    shape = tuple(int(side) for side in np.frombuffer(start, ">u4", start[3], 4))
    header = Header(np.dtype(TYPES[start[2]]), shape)
    if prod(side for side in shape if side) * header.dtype.itemsize > np.iinfo(np.intp).max:
        raise refuse(f"its shape {shape} is more than an array can have")
    return header


def content(operation: str, file: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked if it is gzipped, in pieces of at most `CHUNK`."""
    with file.open("rb", buffering=0) as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        if not packed:
            while chunk := raw.read(CHUNK):
                yield chunk
            return
        most = max(BOMB_RATIO * file.stat().st_size, BOMB_BYTES)
        try:
            for chunk in unpacked(raw):
                most -= len(chunk)
                if most < 0:
                    raise ValueError(
                        f"{operation}: '{file}' unpacks to more than {BOMB_RATIO} times its size, "
                        "as bombs do; if you trust it, unpack it with gunzip and read that"
                    )
                yield chunk
        except (zlib.error, EOFError) as trouble:
            raise ValueError(f"{operation}: '{file}' is damaged: gzip says {trouble}; {AGAIN}") from None


def unpacked(raw: FileIO) -> Iterator[bytes]:
    """Unpack gzip members, one after the other, never more than `CHUNK` bytes ahead."""
    waiting = raw.read(CHUNK)
    while waiting:
        member = zlib.decompressobj(wbits=31)  # 31: with gzip's header, and its checksum and length verified
        while True:
            yield member.decompress(waiting, CHUNK)
            if member.eof:
                break
            waiting = member.unconsumed_tail or raw.read(CHUNK)
            if not waiting:
                raise EOFError("that the file ends too early")
        waiting = member.unused_data or raw.read(CHUNK)


def load(operation: str, file: Path, header: Header) -> NDArray[Any]:
    """Fill an array from a file that `survey` has found sound, in the machine's own byte order."""
    array: NDArray[Any] = np.empty(header.shape, header.dtype)
    room = array.reshape(-1).view(np.uint8)
    at = -header.length
    for chunk in content(operation, file):
        piece = np.frombuffer(chunk, np.uint8)[max(-at, 0) :]
        room[max(at, 0) : max(at, 0) + len(piece)] = piece
        at += len(chunk)
    return array if array.dtype.isnative else array.byteswap(inplace=True).view(array.dtype.newbyteorder())
