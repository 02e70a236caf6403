"""What can go wrong without being a mistake of the program: one sentence each, for the person who started the run."""

import errno


class Refusal(Exception):
    """One sentence that says what came, and what to do."""


def sentence(fault: BaseException, again: str) -> str | None:
    """The sentence for a fault of the machine or of what was asked; None for a mistake of the program.

    `again` is the command that goes on from the last checkpoint.
    """
    words = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
    if isinstance(fault, Refusal):
        return words
    if isinstance(fault, ModuleNotFoundError) and fault.name in ("torch", "matplotlib"):
        return f"it needs {fault.name}: pip install 'forward-and-back[train]'"
    if is_out_of_memory(fault, words):
        return f"there is not enough memory: begin with a smaller --batch-size in another --out, or go on with: {again}"
    if isinstance(fault, OSError):
        place = f"{fault.filename}: " if fault.filename else ""
        room = "make room and " if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else ""
        return f"{place}{fault.strerror or words}; what was saved is whole: {room}go on with: {again}"
    return None


def is_out_of_memory(fault: BaseException, words: str) -> bool:
    """Whether memory ran out: torch has an error of its own for GPUs, and a RuntimeError for the CPU."""
    names = {kind.__name__ for kind in type(fault).__mro__}
    if names & {"MemoryError", "OutOfMemoryError"}:
        return True
    return isinstance(fault, RuntimeError) and ("allocate memory" in words or "not enough memory" in words)
