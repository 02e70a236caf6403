"""Training once: results that took long, kept in files, and made anew when what they came from has changed."""

import dis
import hashlib
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    ModuleType,
)
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
COURSE = Path(__file__).resolve().parents[1]
PACKAGES = ("ops", "autodiff", "nn", "data")
PLAIN = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    np.generic,
    np.dtype,
    type(...),
)
DAMAGED = (
    ValueError,
    TypeError,
    EOFError,
    OSError,
    KeyError,
    NotImplementedError,
    BadZipFile,
    zlib.error,
)


def cached(
    name: str,
    make: Callable[[], Mapping[str, ArrayLike]],
    *depends: Any,
) -> dict[str, Array]:
    """result = make(), computed once: a dict of arrays, which later calls read from a file.

    The file is found again while all of this is the same: `name` and `depends` (numbers, strings, arrays, lists,
    dicts, functions), the code of `make` and of the functions beside it that it calls, the values that these use,
    the source of course.ops, course.autodiff, course.nn and course.data, and the version of NumPy. A file that is
    damaged is made again. `make` must not change what it finds: when the file is there, it does not run.

    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as os.environ["COURSE_CACHE"]:
    ...     for _ in range(2):
    ...         print(cached("squares", lambda: (print("computing"), {"y": np.arange(4) ** 2})[1], 4)["y"])
    computing
    [0 1 4 9]
    [0 1 4 9]
    >>> del os.environ["COURSE_CACHE"]
    """
    path = (
        folder()
        / f"{name}-{fingerprint(name, make, depends)}.npz"
    )
    if path.is_file():
        with suppress(*DAMAGED):
            return _read(path)
    result = {
        key: _checked(name, key, value)
        for key, value in make().items()
    }
    with suppress(
        OSError
    ):  # where nothing can be written, it is computed each time
        _write(path, result)
    return result


def folder() -> Path:
    """Where the files lie: `COURSE_CACHE`, or build/cache of the checkout, or the user's folder for such things."""
    if chosen := os.environ.get("COURSE_CACHE"):
        return Path(chosen)
    checkout = COURSE.parents[1]
    if (checkout / "pyproject.toml").is_file() and (
        checkout / "docs"
    ).is_dir():
        return checkout / "build" / "cache"
    home = Path.home()
    usual = {
        "win32": ("LOCALAPPDATA", home / "AppData" / "Local"),
        "darwin": ("", home / "Library" / "Caches"),
    }
    variable, place = usual.get(
        sys.platform, ("XDG_CACHE_HOME", home / ".cache")
    )
    return (
        Path(os.environ.get(variable) or place)
        / "forward-and-back"
    )


def fingerprint(
    name: str, make: Callable[..., Any], depends: Any = ()
) -> str:
    """sha256 of all that a result depends on, to 16 digits: see `cached`.

    >>> fingerprint("a", lambda: {}, [1]) == fingerprint("a", lambda: {}, [1]) != fingerprint("a", lambda: {}, [2])
    True
    """
    home = getattr(make, "__globals__", {})
    words = hashlib.sha256(
        f"{name} {np.__version__} {_sources()}".encode()
    )
    for part in _parts(
        (make, depends), f"cached: {name} depends on", home, set()
    ):
        words.update(part)
    return words.hexdigest()[:16]


@cache
def _sources() -> str:
    """sha256 of the files that results are computed with."""
    words = hashlib.sha256()
    for package in PACKAGES:
        for path in sorted((COURSE / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                words.update(
                    path.relative_to(COURSE).as_posix().encode()
                    + b"\0"
                    + path.read_bytes()
                    + b"\0"
                )
    return words.hexdigest()


def _parts(
    value: Any, what: str, home: Mapping[str, Any], seen: set[int]
) -> Iterator[bytes]:
    """A value as bytes; two values that are not equal differ in them. Code counts if it is of the home of `make`."""
    kind = type(value).__name__
    if isinstance(value, PLAIN):
        yield f"{kind} {value!r};".encode()
    elif (
        isinstance(value, np.ndarray)
        and not value.dtype.hasobject
    ):
        yield (
            f"array {value.dtype.str} {value.shape};".encode()
            + value.tobytes()
        )
    elif isinstance(value, list | tuple):
        yield f"{kind} {len(value)};".encode()
        for item in value:
            yield from _parts(item, what, home, seen)
    elif isinstance(value, dict):
        yield f"dict {len(value)};".encode()
        for key, item in value.items():
            yield from _parts((key, item), what, home, seen)
    elif isinstance(
        value, set | frozenset
    ):  # their order differs from run to run
        yield b"".join(
            [
                f"set {len(value)};".encode(),
                *sorted(
                    b"".join(_parts(v, what, home, seen))
                    for v in value
                ),
            ]
        )
    elif isinstance(value, CodeType):
        yield (
            f"code {value.co_varnames} {value.co_freevars} {value.co_names};".encode()
            + value.co_code
        )
        yield from _parts(value.co_consts, what, home, seen)
    elif (
        isinstance(value, FunctionType)
        and value.__globals__ is home
    ):
        yield b"function;"
        if id(value) not in seen:
            seen.add(id(value))
            cells = [
                c.cell_contents for c in value.__closure__ or ()
            ]
            yield from _parts(
                (
                    value.__code__,
                    value.__defaults__,
                    value.__kwdefaults__,
                    cells,
                ),
                what,
                home,
                seen,
            )
            for used in sorted(
                _globals(value.__code__) & home.keys()
            ):
                yield from _parts(
                    (used, home[used]),
                    f"cached: {value.__name__} uses {used},",
                    home,
                    seen,
                )
    elif isinstance(value, type) and value.__module__ == home.get(
        "__name__"
    ):
        yield f"class {value.__qualname__};".encode()
        if id(value) not in seen:
            seen.add(id(value))
            own = {
                k: v
                for k, v in vars(value).items()
                if not k.startswith("__")
                or isinstance(v, FunctionType)
            }
            yield from _parts(
                (list(value.__bases__), own), what, home, seen
            )
    elif isinstance(value, ModuleType):
        yield f"module {value.__name__};".encode()
    elif isinstance(
        value,
        type | FunctionType | BuiltinFunctionType | np.ufunc,
    ):
        yield f"of {getattr(value, '__module__', 'numpy')} {value.__name__};".encode()
    elif hasattr(value, "__wrapped__"):
        yield from _parts(value.__wrapped__, what, home, seen)
    else:
        raise TypeError(
            f"{what} a {kind}; it must be made of numbers, strings, arrays, lists, dicts or functions"
        )


def _globals(code: CodeType) -> set[str]:
    """The global names that code reads, with the functions inside it."""
    own = {
        i.argval
        for i in dis.get_instructions(code)
        if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return own.union(
        *(
            _globals(inner)
            for inner in code.co_consts
            if isinstance(inner, CodeType)
        )
    )


def _checked(name: str, key: str, value: ArrayLike) -> Array:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise TypeError(
            f"cached: {key} of {name} is {array.dtype}; it must be an array of numbers or strings"
        )
    return array


def _read(path: Path) -> dict[str, Array]:
    """Every entry is read through, so that its checksum is compared."""
    with ZipFile(path) as file:
        entries = [
            entry
            for entry in file.namelist()
            if entry.endswith(".npy")
        ]
        if not entries or file.testzip() is not None:
            raise BadZipFile(path)
        result = {}
        for entry in entries:
            with file.open(entry) as stream:
                result[entry.removesuffix(".npy")] = (
                    np.lib.format.read_array(
                        stream, allow_pickle=False
                    )
                )
        return result


def _write(path: Path, result: Mapping[str, Array]) -> None:
    """Beside its place, and then renamed: a file of that name is always whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}."
    )
    try:
        with (
            os.fdopen(handle, "wb") as stream,
            ZipFile(stream, "w") as file,
        ):
            for key, array in result.items():
                with file.open(
                    f"{key}.npy", "w", force_zip64=True
                ) as entry:
                    np.lib.format.write_array(
                        entry, array, allow_pickle=False
                    )
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
