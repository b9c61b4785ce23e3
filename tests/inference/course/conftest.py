"""The course's computations are small: a second thread only waits for the first, and more so where others compute."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def one_thread_for_small_work():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
