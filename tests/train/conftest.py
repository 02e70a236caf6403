"""What the tests of training share."""

import sys

import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """These networks are so small that threads would only wait for one another."""
    if (torch := sys.modules.get("torch")) is None:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
