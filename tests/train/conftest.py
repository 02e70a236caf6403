"""What the tests of training share."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """These networks are so small that threads would only wait for one another, and sums by two round otherwise.

    It is of a module, so that runs which all tests of a module share are made on one thread as well.
    """
    if (torch := sys.modules.get("torch")) is None:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
