"""`show`: pictures side by side, with a place kept free for those that are still to be computed."""

from typing import Any

import numpy as np

from course.lab.asking import guard, is_function
from course.lab.tasks import Wrong

__all__ = ["show"]


NO_MATPLOTLIB = "show: without matplotlib there are no pictures; `pip install matplotlib` brings it."


def show(*pictures: tuple[Any, ...], height: float | None = None, limits: tuple[float, float] | None = None) -> None:
    """Draw pictures side by side, each given as (title, picture), or (title, picture, (row, column)) to ring a place.

    A picture is an array: two axes are grey, a third with 3 entries is colour, one axis is drawn as stems, or as a
    curve. It may be a function without arguments, which is called; where it fails, or the array is still missing, the
    panel says so. A place may be a function too, and is not ringed where it fails.
    Bytes and truth values keep their full range, others are stretched to their own, or to `limits` (black, white).
    `height` is in inches; the fewer pictures, the larger they are drawn without it.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        return print(NO_MATPLOTLIB)
    size = min(max(6.0, 1.9 * len(pictures)), 9.2), height or (2.8 if len(pictures) < 3 else 2.2)
    figure, axes = plt.subplots(1, len(pictures), figsize=size, dpi=80, squeeze=False, layout="constrained")
    for ax, (title, picture, *place) in zip(axes[0], pictures, strict=True):
        ax.set_title(title, fontsize=9)
        ax.set_xticks([])
        ax.set_yticks([])
        try:
            values = drawable(picture)
        except Wrong as wrong:
            ax.set_facecolor("#f4f1ea")
            ax.set_box_aspect(1)
            ax.text(0.5, 0.5, str(wrong), ha="center", va="center", fontsize=8, color="#555555")
            continue
        draw(ax, values, limits)
        for row, column in ringed(*place):
            ax.plot(column, row, "o", ms=13, mfc="none", mec="#d1332e", mew=1.8)
            ax.set_xlim(-0.5, values.shape[1] - 0.5)
            ax.set_ylim(values.shape[0] - 0.5, -0.5)
    if plt.get_backend().lower() == "agg":
        plt.close(figure)
    else:
        plt.show()


def drawable(picture: Any) -> np.ndarray[Any, Any]:
    """The array of a picture, or `Wrong` with what is to be written in its place."""
    try:
        values = np.asarray(guard(picture)() if is_function(picture) else picture)
    except Wrong:
        raise Wrong("not yet") from None
    if values.dtype == object:
        raise Wrong("not yet")
    if values.dtype.kind not in "fiub" or not values.size or not (values.ndim < 3 or values.shape[2:] in [(3,), (4,)]):
        raise Wrong("no picture")
    return values


def ringed(place: Any = None) -> list[tuple[float, float]]:
    """The place to ring, as (row, column), if there is one."""
    try:
        row, column = guard(place)() if is_function(place) else place
        return [(float(row), float(column))]
    except (Wrong, TypeError, ValueError):
        return []


def draw(ax: Any, values: np.ndarray[Any, Any], limits: tuple[float, float] | None) -> None:
    """Draw one array."""
    from matplotlib.ticker import MaxNLocator

    if values.ndim < 2:
        if values.size < 80:
            ax.stem(np.atleast_1d(values), basefmt=" ")
        else:
            ax.plot(values)
        ax.set_xticks(range(values.size) if values.size < 12 else [])
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.tick_params(labelsize=8)
        return
    full = {"u": (0, 255), "b": (0, 1)}.get(values.dtype.kind)
    low, high = limits or full or (np.nanmin(values), np.nanmax(values))
    if values.ndim == 3:
        values = np.clip(values, 0, 255 if values.dtype.kind in "ui" else 1)
    ax.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
