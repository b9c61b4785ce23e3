"""Verdicts, quicker: the network as ONNX Runtime computes it. For verdicts alone: no gradient goes through.

On a CPU only, and only where it says what the network says.
"""

import operator
import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx, nn

CLOSE = 1e-5  # probabilities
OPSET, IR = 18, 10  # of ONNX: what runtimes of several years read
QUIET = 3  # errors alone: it would tell of machines without a GPU on stderr
Attributes = dict[str, Any]
Layer = tuple[str, Attributes, list[Tensor | None]]  # (name in ONNX, attributes, constants)


class Quick:
    """A network's logits, (N, classes), of pictures, (N, C, H, W); several threads may ask at once, each alone."""

    def __init__(self, model: onnx.ModelProto) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the thread that asks computes
        options.log_severity_level = QUIET
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        (self.given,) = (given.name for given in self.session.get_inputs())

    def __call__(self, pictures: Tensor) -> Tensor:
        (logits,) = self.session.run(None, {self.given: np.ascontiguousarray(pictures.numpy())})
        return torch.from_numpy(logits)


class Quicker:
    """What gives a network's verdicts in its place, or nothing; copied it is nothing: a copy's weights may change."""

    def __init__(self, network: Quick | None = None) -> None:
        self.network = network

    def __deepcopy__(self, _memo: object) -> "Quicker":
        return Quicker()


def quick(network: nn.Module, probe: Tensor) -> Quick | None:
    """The same function of pictures like `probe`, (N, C, H, W), on the CPU; it has weights of its own.

    None where it is not gained by: on another device, for layers that are not written as ONNX here, or where the
    probabilities of `probe` were not the same to 1e-5.
    """
    model = as_onnx(network) if probe.device.type == "cpu" else None
    if model is None:
        return None
    made = Quick(model)
    with torch.inference_mode():
        same = torch.allclose(made(probe).softmax(1), network(probe).softmax(1), rtol=0, atol=CLOSE)
    return made if same else None


# --- Written as ONNX --------------------------------------------------------------------------------------------------
# Of torch's exporters one takes seconds for such a network and wants more packages, the other is deprecated.


def as_onnx(network: nn.Module) -> onnx.ModelProto | None:
    """The network as a model of ONNX, from pictures to logits; None if it holds what is not written here."""
    try:
        with _tracing:
            steps = _Tracer().trace(network).nodes
        return _model(steps, dict(network.named_modules()))
    except (fx.proxy.TraceError, NotWritten):  # the first: what it does depends on what it is given
        return None


class _Tracer(fx.Tracer):
    """Of this thread's passes alone: while it looks, torch sends it those of every module in the process."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.get_ident()

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if threading.get_ident() != self.ours:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self.ours:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


_tracing = threading.Lock()  # two that overlap would leave torch looking


class NotWritten(Exception):
    """A layer that ONNX may know, but nobody wrote here."""


def _model(steps: Iterable[fx.Node], modules: Mapping[str, nn.Module]) -> onnx.ModelProto:
    given, *between, said = steps
    nodes, constants = [], []
    for step in between:
        kind, attributes, values = _layer(step, modules)
        named = {f"{step.name}.{at}": value for at, value in enumerate(values) if value is not None}
        constants += [numpy_helper.from_array(value.detach().numpy(), name) for name, value in named.items()]
        inputs = [node.name for node in step.all_input_nodes]
        nodes.append(helper.make_node(kind, [*inputs, *named], [step.name], **attributes))
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(given.name, TensorProto.FLOAT, ["n", "channels", "height", "width"])],
        [helper.make_tensor_value_info(str(said.args[0]), TensorProto.FLOAT, ["n", "classes"])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)


def _layer(step: fx.Node, modules: Mapping[str, nn.Module]) -> Layer:
    called = modules[str(step.target)] if step.op == "call_module" else step
    written = WRITTEN.get(type(called) if called is not step else step.target)
    if written is None:
        raise NotWritten
    return written(called)


def _convolution(layer: nn.Conv2d) -> Layer:
    if isinstance(layer.padding, str) or layer.padding_mode != "zeros":
        raise NotWritten
    attributes = {"pads": [*layer.padding, *layer.padding], "strides": layer.stride, "dilations": layer.dilation}
    return "Conv", attributes | {"group": layer.groups}, [layer.weight, layer.bias]


def _average(layer: nn.AdaptiveAvgPool2d) -> Layer:
    if layer.output_size != 1:
        raise NotWritten
    return "GlobalAveragePool", {}, []


def _sum(step: fx.Node) -> Layer:
    if len(step.all_input_nodes) != 2:  # a number beside a layer, or one that is doubled
        raise NotWritten
    return "Add", {}, []


def _turned(step: fx.Node) -> Layer:
    """Backwards along each of the axes: from the last place to before the first."""
    axes = step.args[1:]
    limits = [[-1] * len(axes), [torch.iinfo(torch.int64).min] * len(axes), axes, [-1] * len(axes)]
    return "Slice", {}, [torch.tensor(values) for values in limits]


WRITTEN: Mapping[Any, Callable[[Any], Layer]] = MappingProxyType(
    {
        nn.Conv2d: _convolution,
        nn.ReLU6: lambda _layer: ("Clip", {}, [torch.tensor(0.0), torch.tensor(6.0)]),
        nn.Identity: lambda _layer: ("Identity", {}, []),
        nn.AdaptiveAvgPool2d: _average,
        nn.Flatten: lambda layer: ("Flatten", {"axis": layer.start_dim}, []),
        nn.Linear: lambda layer: ("Gemm", {"transB": 1}, [layer.weight, layer.bias]),
        operator.add: _sum,
        "flip": _turned,
    }
)
