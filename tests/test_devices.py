"""Devices that PyTorch has, and names of devices that it does not have."""

import pytest
import torch

from ecglens.devices import check_device
from ecglens.errors import ConfigError


def test_the_processor_is_always_there() -> None:
    check_device("cpu")


@pytest.mark.parametrize("device", ["abacus", "meta", "cuda:999", "", "cpu:x"])
def test_a_device_that_computes_nothing_is_refused_with_the_way_out(device) -> None:
    with pytest.raises(ConfigError, match=rf"^device '{device}' is not available \(.+\)\. Use 'cpu', or omit it\.$"):
        check_device(device)


def test_the_message_is_short_and_printable() -> None:
    with pytest.raises(ConfigError) as refused:
        check_device("\x1b[31m" + "x" * 10_000)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 600


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_is_refused_where_there_is_none() -> None:
    with pytest.raises(ConfigError, match="device 'cuda' is not available"):
        check_device("cuda")
