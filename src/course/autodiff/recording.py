"""Whether steps are recorded: yes, unless one asks for values alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

RECORDING = ContextVar("recording", default=True)


@contextmanager
def recording(on: bool) -> Iterator[None]:
    """Within, steps are recorded or not; in this thread, and until then."""
    token = RECORDING.set(on)
    try:
        yield
    finally:
        RECORDING.reset(token)


def no_grad() -> AbstractContextManager[None]:
    """y = f(x) without a record: no way back, and nothing kept for one.

    >>> from course.autodiff import Tensor
    >>> x = Tensor(3.0, requires_grad=True)
    >>> with no_grad():
    ...     x * x
    Tensor(9.)
    """
    return recording(False)
