"""A run of `course.train` that is watched: what it says, and how busy it keeps the GPU."""

import io
import subprocess
import threading

from course.train import Progress


class Watched(Progress):
    """A run's words, kept; and how busy the GPU is from the first epoch to the last, in per cent."""

    def __init__(self, device: str) -> None:
        super().__init__(io.StringIO())
        self.busy: list[int] = []
        self.over = threading.Event()
        self.watcher = threading.Thread(target=self.watch if device == "cuda" else lambda: None)

    def start(self, *numbers: int) -> None:
        super().start(*numbers)
        self.watcher.start()

    def stop(self) -> None:
        super().stop()
        self.over.set()
        if self.watcher.is_alive():
            self.watcher.join()

    def watch(self, pause: float = 0.1) -> None:
        command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--id=0"]
        while not self.over.wait(pause):
            try:
                self.busy.append(int(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
            except (OSError, ValueError, subprocess.CalledProcessError):
                return  # no nvidia-smi here, or none that knows: the utilisation stays unmeasured

    def remarks(self) -> list[str]:
        """What the run said of options that did not help."""
        assert self.stream is not None
        self.stream.seek(0)
        return [line.rstrip() for line in self.stream if line.startswith("--")]
