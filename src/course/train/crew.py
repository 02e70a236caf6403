"""The processes that train one network together, as torchrun starts them, or one alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from course.train.devices import described, pick
from course.train.faults import Refusal


@dataclass(frozen=True)
class Crew:
    """The processes that train together, seen from one of them."""

    device: torch.device
    rank: int = 0
    size: int = 1

    def __str__(self) -> str:
        return f"{self.size} processes, each on {self.device}" if self.size > 1 else described(self.device)

    @property
    def first(self) -> bool:
        """Whether this is the process that judges, prints and writes."""
        return self.rank == 0

    def share(self, batch: int) -> int:
        """How many examples of each batch are this process's."""
        if batch % self.size:
            raise Refusal(f"--batch-size {batch} cannot be shared evenly by {self.size} processes: take a multiple")
        return batch // self.size

    def adapted(self, model: nn.Module) -> nn.Module:
        """The model, its batch normalisation taken over the whole batch where torch can: on several GPUs."""
        several_gpus = self.size > 1 and self.device.type == "cuda"
        return nn.SyncBatchNorm.convert_sync_batchnorm(model) if several_gpus else model

    def joined(self, model: nn.Module) -> nn.Module:
        """The model whose gradients are means over all processes: weights broadcast forward, gradients summed back."""
        if self.size == 1:
            return model
        return DistributedDataParallel(model, device_ids=[self.device] if self.device.type == "cuda" else None)

    def mean(self, x: Tensor) -> float:
        """The mean of a number over all processes."""
        if self.size > 1:
            dist.all_reduce(x)
        return float(x) / self.size

    def gather(self, thing: Any) -> list[Any]:
        """What each process holds, in their order."""
        things = [thing] * self.size
        if self.size > 1:
            dist.all_gather_object(things, thing)
        return things


@contextmanager
def crew(wanted: str) -> Iterator[Crew]:
    """The processes that torchrun has started, or this one alone, on the wanted kind of device."""
    if not (dist.is_available() and dist.is_torchelastic_launched()):
        yield Crew(pick(wanted))
        return
    local, rank, size = (int(os.environ[name]) for name in ("LOCAL_RANK", "RANK", "WORLD_SIZE"))
    device = pick(wanted, local)
    if device.type == "mps":
        raise Refusal("MPS trains in one process, for torch cannot add gradients there: add --device cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    import_module("torch.distributed.nn")  # later, as defaults of its functions, it would keep the group from ending
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    yield Crew(device, rank, size)
    dist.destroy_process_group()  # not after a fault: torchrun ends the others, and nobody is left to part from
