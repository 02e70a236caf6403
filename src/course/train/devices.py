"""Where a network is trained and how: the device, its precision, its compiler, its random numbers."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from course.train.demo import Settings
from course.train.faults import Refusal

Say = Callable[[str], object]
State = dict[str, Tensor]
SIDE, ROUNDS = 1024, 7  # of the matrices by which precisions are compared; how often


def pick(wanted: str, local: int = 0) -> torch.device:
    """The device that was asked for, or the fastest that is there; `local` numbers the GPUs of several processes."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    name = next(n for n, is_there in there.items() if is_there) if wanted == "auto" else wanted
    if name not in there:
        raise Refusal(f"--device is {wanted!r}, but must be auto, {', '.join(there)}")
    if not there[name]:
        had = " and ".join(n for n, is_there in there.items() if is_there)
        raise Refusal(f"--device {name}: torch {torch.__version__} finds none on this machine, only {had}")
    if name == "cuda" and local >= torch.cuda.device_count():
        raise Refusal(f"there are more processes than GPUs: start {torch.cuda.device_count()}, or add --device cpu")
    return torch.device(name, local) if name == "cuda" else torch.device(name)


def described(device: torch.device) -> str:
    """The device in words."""
    if device.type == "cpu":
        return f"cpu ({torch.get_num_threads()} threads)"
    return f"{device} ({torch.cuda.get_device_name(device) if device.type == 'cuda' else 'the GPU of this Mac'})"


def number_type(settings: Settings, device: torch.device) -> torch.dtype:
    """The type of data and weights."""
    if settings.dtype not in ("float32", "float64"):
        raise Refusal(f"--dtype is {settings.dtype!r}, but must be float32 or float64")
    if settings.dtype == "float64" and device.type == "mps":
        raise Refusal("--dtype float64: MPS has float32 at most; add --device cpu")
    return torch.float64 if settings.dtype == "float64" else torch.float32


def precision(settings: Settings, device: torch.device, say: Say) -> str:
    """In what products are computed: bfloat16 if it was asked for and is faster here, else the type of the weights."""
    if not settings.amp:
        return settings.dtype
    if settings.dtype == "float64":
        raise Refusal("--amp trades precision for speed, --dtype float64 speed for precision: choose one")
    usual, short = product_times(device)
    if short < usual:
        return "bfloat16"
    times = f"a product of matrices takes {1e3 * short:.2g} ms in bfloat16, {1e3 * usual:.2g} ms in float32"
    say(f"--amp does not help on this {device.type}: {times}. Computing in float32.")
    return "float32"


def product_times(device: torch.device) -> tuple[float, float]:
    """The shortest time of a product of matrices in float32, and in bfloat16, taking turns."""
    a = torch.ones(SIDE, SIDE, device=device)
    best = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    for _ in range(ROUNDS):
        for kind in best:
            b = a.to(kind)
            begin = time.perf_counter()
            (b @ b)[0, 0].item()  # which waits for a GPU
            best[kind] = min(best[kind], time.perf_counter() - begin)
    return best[torch.float32], best[torch.bfloat16]


def context(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """The context for the way forward; the way back follows the types that it finds."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def compiled(model: nn.Module, device: torch.device, say: Say) -> Any:
    """The model compiled, if that works here: a sum of four numbers tells."""
    try:
        torch.compile(lambda x: x + 1)(torch.zeros(4, device=device))
    except Exception as fault:  # of the machine's C++ compiler, or of whatever else torch looks for
        say(f"--compile does not work here: torch.compile says {type(fault).__name__}. Training without.")
        return model
    return torch.compile(model)


def random_state(device: torch.device) -> State:
    """The states of torch's generators: on the CPU, and on the device."""
    states = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        states[device.type] = getattr(torch, device.type).get_rng_state()
    return states


def set_random_state(device: torch.device, states: State) -> None:
    """Put torch's generators where they were; a device of another kind goes on from its seed."""
    torch.set_rng_state(states["cpu"])
    if device.type != "cpu" and device.type in states:
        getattr(torch, device.type).set_rng_state(states[device.type])
