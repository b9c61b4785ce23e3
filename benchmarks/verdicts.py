"""A verdict's pass through `imagenet-lite0`: the network itself, ONNX Runtime, and OpenVINO where it is installed.

    python -m benchmarks.verdicts [--rounds 40]

On one thread, as the site gives verdicts; contestants take turns. Core-milliseconds a picture, median (quartiles), for
one picture and for four at once, and how far the probabilities lie from the network's at most.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from benchmarks.timing import circumstances, interleaved, spread, table
from inference.networks.classifier import Classifier, load
from inference.networks.quick import as_onnx, quick

Logits = Callable[[Tensor], Tensor]
NETWORK = "the network"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    model = load("imagenet-lite0", "cpu")
    pictures = model.normalise(torch.rand(4, 3, 224, 224, generator=torch.Generator().manual_seed(0)))
    with torch.inference_mode():
        engines = contestants(model, pictures)
        expected = model.network(pictures).softmax(1)
        rows = {name: [f"{(ask(pictures).softmax(1) - expected).abs().max():.1g}"] for name, ask in engines.items()}
        for count in (1, 4):
            asked = {name: partial(ask, pictures[:count].clone()) for name, ask in engines.items()}
            for name, seconds in interleaved(asked, rounds, clock=time.thread_time).items():
                rows[name].append(spread([second / count for second in seconds]))
    print(
        table(["", "differs by", "one picture, ms", "of four, ms each"], [[name, *row] for name, row in rows.items()])
    )
    print(f"\n{circumstances(*(name.lower().replace(' ', '') for name in engines if name != NETWORK))}")


def contestants(model: Classifier, pictures: Tensor) -> dict[str, Logits]:
    engines: dict[str, Logits] = {NETWORK: model.network}
    if made := quick(model.network, pictures[:1]):
        engines["ONNX Runtime"] = made
    if importlib.util.find_spec("openvino"):
        engines["OpenVINO"] = openvino(model)
    return engines


def openvino(model: Classifier) -> Logits:
    from openvino import Core

    written = as_onnx(model.network)
    assert written is not None
    wanted = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    core = Core()
    compiled = core.compile_model(core.read_model(written.SerializeToString()), "CPU", wanted)
    return lambda pictures: torch.from_numpy(compiled(pictures.contiguous().numpy())[0].copy())


if __name__ == "__main__":
    main()
