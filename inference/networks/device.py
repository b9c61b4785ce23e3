"""The device, chosen once, at the rim: CUDA, else Apple's MPS, else the CPU. Everything else follows its inputs."""

import os

import torch


def choose_device(given: torch.device | str | None = None) -> torch.device:
    """The device given, else the one GIBBON_DEVICE names, else the best there is; its arithmetic is settled, too.

    A ValueError with a sentence if the one that is named cannot be had.
    """
    wanted = os.environ.get("GIBBON_DEVICE", "").strip()
    use_exact_float32()
    use_fixed_algorithms()
    if given is not None:
        return torch.device(given)
    return _named(wanted) if wanted else torch.device(_best())


def memory_bytes() -> int:
    """What torch has taken of a CUDA device's memory; 0 where there is none."""
    return torch.cuda.memory_reserved() if torch.cuda.is_available() else 0


def use_exact_float32() -> None:
    """No TF32: its ten bits of mantissa would move verdicts that are close."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def use_fixed_algorithms() -> None:
    """The same algorithms in every run on CUDA, none chosen by a race and none that adds in any order.

    Where cuDNN and cuBLAS know one. Kernels of torch's own may still add in any order, so that the same bits are
    promised on the CPU only. cuBLAS reads its variable when it is first used; an owner's own value stays.
    """
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


def describe(device: torch.device) -> str:
    """The device in words, with its name where it has one."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _named(wanted: str) -> torch.device:
    try:
        device = torch.device(wanted)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"GIBBON_DEVICE is {wanted!r}, which is not usable here: {reason}") from error
    return device
