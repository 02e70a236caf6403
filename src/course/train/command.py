"""`course train NAME`: what is asked for, and what is said when it cannot be."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from course.train.demos import get_demo, listed
from course.train.faults import Refusal, sentence

SETTINGS = ("set", "epochs", "batch_size", "lr", "seed", "examples", "amp", "compile", "dtype")


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in a sentence, as everything here does."""

    def error(self, message: str) -> NoReturn:
        """What argparse has found."""
        raise Refusal(f"{message}; course train NAME --help lists the options")


def parser() -> Parser:
    """All options; one that is left out is the demo's own, or with --resume the run's."""
    top = Parser(prog="course train", description="Train a demo with torch; without NAME, list the demos.")
    add, on_off = top.add_argument, argparse.BooleanOptionalAction
    add("name", nargs="?", metavar="NAME", help="which demo")
    add("--device", default="auto", choices=["auto", "cpu", "cuda", "mps"], help="auto takes the best there is")
    add("--set", metavar="SET", help="which of the demo's sets of data")
    add("--data", metavar="DIR", help="the folder of your MNIST or Fashion-MNIST files")
    add("--examples", type=int, metavar="N", help="how many to draw, of a set that is drawn")
    add("--epochs", type=int, metavar="N", help="how often each example is seen")
    add("--batch-size", type=int, metavar="N", help="examples in a step, of all processes together")
    add("--lr", type=float, metavar="X", help="the learning rate at its highest")
    add("--seed", type=int, metavar="N", help="another number, other random numbers (0)")
    add("--dtype", choices=["float32", "float64"], help="of the data and the weights (float32)")
    add("--amp", action=on_off, default=None, help="compute in bfloat16 where it helps")
    add("--compile", action=on_off, default=None, help="compile the network with torch.compile")
    add("--out", type=Path, metavar="DIR", help="where the run is kept (runs/NAME)")
    add("--resume", action="store_true", help="go on with the run in --out")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `course train`; return its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    again = shlex.join(["course", "train", *(a for a in arguments if a != "--resume"), "--resume"])
    try:
        options = parser().parse_args(arguments)
        if options.name is None:
            print(catalogue())
        else:
            run(options)
    except KeyboardInterrupt:
        print(f"\ncourse train: interrupted; go on with: {again}", file=sys.stderr)
        return 130
    except Exception as fault:
        words = sentence(fault, again)
        if words is None:
            raise
        if os.environ.get("RANK", "0") == "0" or not isinstance(fault, Refusal):  # what is refused, all refuse
            print(f"course train: {words}", file=sys.stderr)
        return 1
    return 0


def catalogue() -> str:
    """The demos, what each shows and takes."""
    lines = ["course train NAME trains one of these; course train NAME --help lists its options.", ""]
    for name, demo in listed().items():
        sets = f"; sets: {', '.join(demo['sets'])}" if len(demo["sets"]) > 1 else ""
        lines += [f"  {name:10}{demo['shows']}", f"{'':12}takes {demo['takes']}{sets}"]
    return "\n".join(lines)


def run(options: argparse.Namespace) -> None:
    """Train the demo that is asked for."""
    demo = get_demo(options.name)
    from course.train.folder import config
    from course.train.running import train

    out = options.out or Path("runs") / demo.name
    asked = {name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None}
    if options.data is not None:
        asked["folder"] = options.data
    if options.resume:
        found = config(out)
        asked = {name: found[name] for name in (*SETTINGS, "folder") if name in found} | asked
    train(demo, demo.settings(**asked), out, device=options.device, resume=options.resume)
