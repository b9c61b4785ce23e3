"""How many pictures are asked about at once: as many as the device is quickest with, and its memory holds."""

import torch

CPU_VALUES, CPU_MOST = 2**22, 256  # 16 MB of float32: more of them leave a processor's caches
GPU_VALUES, GPU_MOST = 2**27, 1024  # 512 MB


def at_once(device: torch.device, values: int) -> int:
    """Pictures of so many values (colours times pixels) in one batch, at least one."""
    room, most = (CPU_VALUES, CPU_MOST) if device.type == "cpu" else (GPU_VALUES, GPU_MOST)
    return max(1, min(most, room // values))
