"""A run that is small, has everything that a checkpoint must keep, and can be started in a process of its own."""

import sys
from dataclasses import replace

import torch
from torch import nn

from course.train import Progress, train
from course.train.command import main
from course.train.demos.xor import DEMO as XOR


def with_dropout(settings, data):
    """Random numbers of torch's own, and running means."""
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1), nn.Flatten(0))


DEMO = replace(XOR, name="small", model=with_dropout, weight_decay=0.01)


def settings(**asked):
    return DEMO.settings(**{"epochs": 5, "batch_size": 512, **asked})


def run(out, resume=False, demo=DEMO, **asked):
    """Train without a word."""
    return train(demo, settings(**asked), out, device="cpu", resume=resume, progress=Progress(None))


def child(out, resume, asked):
    """The same, as the target of a process that will be killed."""
    torch.set_num_threads(1)
    run(out, resume, **asked)


def limited_child(arguments, size):
    """The command, in a process that may write no file of more than `size` bytes."""
    import resource

    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    sys.exit(main(arguments))


def weights(out):
    """The weights and the running means in a checkpoint."""
    return torch.load(out / "checkpoint.pt", weights_only=True)["model"]


def same(a, b):
    """Whether two sets of weights are equal bit for bit."""
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
