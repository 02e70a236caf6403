"""Networks that learn: layers, losses, optimisers and models, in NumPy, on `course.autodiff`."""

from course.nn.files import load, save
from course.nn.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from course.nn.losses import (
    accuracy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)
from course.nn.models import UNet, lenet, mlp, unet
from course.nn.module import Module, Sequential
from course.nn.optimisers import SGD, Adam, Optimiser
from course.nn.training import evaluate, fit

__all__ = [
    "SGD",
    "Activation",
    "Adam",
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Flatten",
    "Linear",
    "MaxPool2d",
    "Module",
    "Optimiser",
    "ReLU",
    "Sequential",
    "UNet",
    "accuracy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "evaluate",
    "fit",
    "lenet",
    "load",
    "mlp",
    "mse_loss",
    "save",
    "unet",
]
