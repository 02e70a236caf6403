"""The training loop, the same on any device and in any number of processes. Copy it: it needs torch alone.

What stands around it, checkpoints and reports, is in `running`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DistributedSampler

Batch = tuple[Tensor, ...]
FULL = nullcontext()  # precision: another would be torch.autocast


# --8<-- [start:batches]
def batches(
    train: Batch,
    sampler: DistributedSampler[int],
    size: int,
    epoch: int,
) -> Iterator[Batch]:
    """This process's batches, in an order that is the epoch's.

    The tensors stay on their device. The examples that do not
    fill a batch are left out, others in each epoch.
    """
    sampler.set_epoch(epoch)
    order = torch.tensor(list(sampler), device=train[0].device)
    whole = len(order) // size * size
    for chosen in order[:whole].split(size):
        yield tuple(x[chosen] for x in train)


# --8<-- [end:batches]


# --8<-- [start:augmented]
def augmented(
    train: Batch,
    augment: Callable[..., Batch],
    size: int,
    seed: int,
) -> Batch:
    """All examples, each changed by chance, `size` at a time.

    They are drawn in the order in which they lie, not in that
    of the batches: so every process draws the same.
    """
    generator = Generator(train[0].device).manual_seed(seed)
    parts = zip(*(x.split(size) for x in train), strict=True)
    drawn = [augment(generator, *part) for part in parts]
    return tuple(torch.cat(xs) for xs in zip(*drawn, strict=True))


# --8<-- [end:augmented]


# --8<-- [start:train_epoch]
def train_epoch(
    model: nn.Module,
    loss: Callable[..., Tensor],
    batches: Iterable[Batch],
    optimiser: Optimizer,
    schedule: LRScheduler,
    precision: AbstractContextManager[Any] = FULL,
    watch: Callable[[Tensor], object] = lambda error: None,
) -> Tensor:
    """w ← w − step(∂loss/∂w) for each batch; the mean loss."""
    model.train()
    errors = []
    for batch in batches:
        optimiser.zero_grad()
        with precision:
            error = loss(model, *batch)
        error.backward()
        optimiser.step()
        schedule.step()
        errors.append(error.detach())
        watch(errors[-1])
    return torch.stack(errors).mean()


# --8<-- [end:train_epoch]
