"""A classifier: from the pixels of a picture, any size, to one logit per class."""

import contextlib
import hashlib
import importlib.util
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn

from attacks.bim import bim
from attacks.words import gettext_noop as _
from inference.catalog.classifiers import CARDS, card_of, known
from inference.catalog.errors import BadWeights, OutOfMemory
from inference.catalog.networks import NETWORKS
from inference.catalog.preparations import PREPARATIONS
from inference.networks.build import Shape, build, load_tensors
from inference.networks.device import choose_device
from inference.networks.fuse import fused
from inference.networks.normalise import Normalise
from inference.networks.quick import Quicker, quick
from inference.networks.resize import resize
from inference.networks.threads import one_thread, set_threads, side_by_side

__all__ = ["BadWeights", "Classifier", "OutOfMemory", "load"]

TIMED, TIMED_STEPS = 3, 2  # how often it is timed; steps of an attack
PHOTO_SIDE = 512  # pixels of what is seen of a photograph as it is brought, about: resizing takes a while, too
WHITE = 255  # of uint8

Judge = Callable[[int, int], np.ndarray]  # the numbers of the first and after the last picture -> (N, classes)


class PassSeconds(NamedTuple):
    """How long one picture takes."""

    forward: float
    gradient: float  # forward and backward, and what a step of an attack does beside


class Classifier(nn.Module):
    """Pixels in [0, 1], (N, C, H, W), to logits, (N, classes), differentiable all the way.

    The centred square is cut out, resized to the network's input (bicubic with antialiasing; untouched if it has
    that size already) and normalised: all inside, so that epsilon means pixels of the picture.
    """

    def __init__(self, network: nn.Module, card: Mapping[str, Any], device: torch.device) -> None:
        super().__init__()
        self.network = network
        self.normalise = Normalise(**card["normalisation"])
        self.card = card
        self.labels: list[str] = card["labels"]
        self.levels: int = card["levels"]
        self.input_size: int = card["input_size"]
        self.preparation: str = card["preparation"]
        self.sha256: str = card["weights"]["sha256"]
        self.device = device
        self._quick = Quicker()

    def judge_quickly(self) -> "Classifier":
        """From now on a quicker copy of the network gives the verdicts, where there is one. Its weights are fixed."""
        shape, same = (1, self.channels, self.input_size, self.input_size), torch.Generator().manual_seed(0)
        self._quick = Quicker(quick(self.network, self.normalise(torch.rand(shape, generator=same).to(self.device))))
        return self

    def square(self, height: int, width: int) -> tuple[int, int, int]:
        """(top, left, side) of the centred square that is seen of a picture of that size."""
        side = min(height, width)
        return (height - side) // 2, (width - side) // 2, side

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network(self.normalise(self.see(pixels)))

    def see(self, pixels: Tensor) -> Tensor:
        """The part of the pictures that the network sees, at its resolution, still in [0, 1] but for overshoot."""
        top, left, side = self.square(*pixels.shape[-2:])
        return resize(pixels[..., top : top + side, left : left + side], self.input_size)

    def to_pixels(self, pictures: np.ndarray) -> Tensor:
        """uint8 pictures, (N, H, W, C) or (N, H, W), as float pixels on the device, (N, C, H, W)."""
        return self._values(pictures).float().div_(WHITE)

    def _values(self, pictures: np.ndarray) -> Tensor:
        """As they are, on the device, as (N, C, H, W)."""
        channels_last = pictures if pictures.ndim == 4 else pictures[..., None]
        values = torch.from_numpy(np.require(channels_last, requirements=["C", "W"]))
        return values.to(self.device).permute(0, 3, 1, 2)

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """Softmax probabilities, float32 (N, classes), of uint8 pictures (N, H, W, C); no gradient is kept.

        Out of the device's memory the batch is halved, down to one picture; then OutOfMemory is raised.
        """
        return self._in_parts(lambda first, end: self._judge(self._look(pictures[first:end])), pictures)

    def probabilities_moved(self, picture: np.ndarray, moves: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """The same, (N, classes), of clip(x + k s) for each (k, s): picture x, uint8 (H, W, C), and directions s, int8.

        The same whole numbers as `pixels.step` makes, here without copying and converting each.
        """
        signs = {id(sign): sign for _, sign in moves}
        with torch.inference_mode(), self._memory_for(picture):
            start, *moving = (self._planes(one[None]) for one in (picture, *signs.values()))
        along = dict(zip(signs, moving, strict=True))

        def judge(first: int, end: int) -> np.ndarray:
            with torch.inference_mode():
                moved = start.new_empty((end - first, *start.shape[1:]))
                for place, (k, sign) in zip(moved, moves[first:end], strict=True):
                    torch.add(start[0], along[id(sign)][0], alpha=k, out=place)
                return self._judge(self._seen(moved.clamp_(0, WHITE)))

        return self._in_parts(judge, [picture] * len(moves))

    def _in_parts(self, judge: Judge, pictures: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """What `judge` says of all these: each alone, or all at once, whichever is quicker here."""
        if self._quick.network:
            return np.concatenate(side_by_side(lambda at: judge(at, at + 1), len(pictures)))
        return self._halved(judge, pictures, 0, len(pictures))

    def _halved(self, judge: Judge, pictures: Sequence[np.ndarray] | np.ndarray, first: int, end: int) -> np.ndarray:
        if end - first == 1:
            with self._memory_for(pictures[first]):
                return judge(first, end)
        with contextlib.suppress(torch.OutOfMemoryError):
            return judge(first, end)
        # Outside the handler: the error's traceback would keep the failed attempt's tensors alive.
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        half = (first + end) // 2
        return np.concatenate([self._halved(judge, pictures, *part) for part in ((first, half), (half, end))])

    def judged_alone(self, picture: np.ndarray) -> tuple[Tensor, np.ndarray]:
        """What the network is given of a picture, uint8 (H, W, C), and its probabilities, (classes,).

        The first is (1, C, size, size). Raises OutOfMemory where the device's memory does not hold it.
        """
        with self._memory_for(picture):
            seen = self._look(picture[None])
            return seen, self._judge(seen)[0]

    @contextlib.contextmanager
    def _memory_for(self, picture: np.ndarray) -> Iterator[None]:
        try:
            yield
        except torch.OutOfMemoryError as error:
            template = _(
                "The memory of %(device)s is too small, or too full, for one picture of %(width)s x %(height)s pixels."
            )
            height, width = picture.shape[:2]
            raise OutOfMemory(template, device=str(self.device), width=width, height=height) from error

    def look(self, picture: np.ndarray) -> Tensor:
        """What the network is given of a uint8 picture (H, W, C): (1, C, size, size); or OutOfMemory, as above."""
        with self._memory_for(picture):
            return self._look(picture[None])

    def _look(self, pictures: np.ndarray) -> Tensor:
        with torch.inference_mode():
            return self._seen(self._planes(pictures))

    def _planes(self, pictures: np.ndarray) -> Tensor:
        """Their values as floats, one colour after the other: so a resize is quickest.

        However they lay in memory: of a single colour torch would take its order from there, and with it a kernel
        whose last bits are others.
        """
        planes = self._values(pictures).contiguous().float()
        return planes.flatten().view(planes.shape)

    def _seen(self, planes: Tensor) -> Tensor:
        """What the network is given of them; divided when they are small."""
        return self.see(planes).div(WHITE)

    def _judge(self, seen: Tensor) -> np.ndarray:
        network = self._quick.network or self.network
        with torch.inference_mode():
            return network(self.normalise(seen)).softmax(dim=1).cpu().numpy()

    @one_thread()
    def warm(self) -> PassSeconds:
        """A few passes, so that the first visitor does not wait for set-up; what one takes from then on.

        What else the machine does meanwhile only adds to it: so the quickest counts, and on a CPU only the time that
        this thread computed.
        """
        self._time_pass()
        timed = [self._time_pass() for _ in range(TIMED)]
        return PassSeconds(*map(min, zip(*timed, strict=True)))

    def _time_pass(self) -> PassSeconds:
        clock = time.thread_time if self.device.type == "cpu" else time.perf_counter
        size = self.input_size if PREPARATIONS[self.preparation].grey else max(PHOTO_SIDE, self.input_size)
        black = np.zeros((1, size, size, self.channels), np.uint8)
        self.probabilities(black)
        begun = clock()
        with torch.inference_mode():  # as attacks ask, not as verdicts are given
            self(self.to_pixels(black)).cpu()
        forward = clock() - begun
        grey = torch.full((1, self.channels, size, size), 0.5, device=self.device)
        label = torch.zeros(1, dtype=torch.int64, device=self.device)
        begun = clock()
        bim(self, grey, label, epsilon=1 / 255, steps=TIMED_STEPS).cpu()  # a GPU computes on while nobody asks
        return PassSeconds(forward, (clock() - begun - forward) / TIMED_STEPS)

    @property
    def channels(self) -> int:
        """Colours of the prepared picture: three, or one for grey."""
        return PREPARATIONS[self.preparation].channels


def load(slug_or_path: str | Path, device: torch.device | str | None = None) -> Classifier:
    """The classifier of that slug, or of a version's folder (card.json beside its weights), ready to serve.

    In eval mode, its parameters frozen, on `device` or the best there is. BadWeights if the weights are not those of
    the card, byte for byte, or do not fit the network.
    """
    set_threads()
    facts = card_of(slug_or_path)
    tensors = read_weights(slug_or_path)
    shape = Shape(PREPARATIONS[facts["preparation"]].channels, facts["input_size"], len(facts["labels"]))
    network = build(facts["network"], shape, facts.get("options", {}))
    try:
        load_tensors(network, tensors, in_order=facts["weights"]["file"].endswith(".pth"))  # safetensors has no order
    except ValueError as error:
        raise BadWeights(
            _("%(file)s does not fit %(network)s: %(error)s."),
            file=facts["weights"]["file"],
            network=facts["network"],
            error=str(error),
        ) from error
    place = choose_device(device)
    network = fused(network, channels_last=NETWORKS[facts["network"]].channels_last).requires_grad_(False)
    return Classifier(network.to(place), facts, place).eval().judge_quickly()


def read_weights(slug_or_path: str | Path) -> Mapping[str, Tensor]:
    """The tensors that a card names, as they were trained; BadWeights if the file is another."""
    weights = card_of(slug_or_path)["weights"]
    return _read(_weights_file(slug_or_path, weights), weights["sha256"])


def _weights_file(slug_or_path: str | Path, weights: Mapping[str, str]) -> Path:
    """In the package that the card names, or else beside the card."""
    if "package" in weights:
        return package_folder(weights["package"]) / weights["file"]
    return (CARDS if str(slug_or_path) in known() else Path(slug_or_path)) / weights["file"]


def package_folder(package: str) -> Path:
    """Where an installed package lies; it is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise BadWeights(_("The package %(package)s, which holds the weights, is not installed."), package=package)
    return Path(spec.submodule_search_locations[0])


def _read(path: Path, sha256: str) -> Mapping[str, Tensor]:
    """The tensors of a weights file, read once: what is hashed is what is loaded."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BadWeights(_("%(file)s, which holds the weights, is missing."), file=path.name) from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        template = _("%(file)s is not the file its card names: its SHA-256 is %(found)s, not %(named)s.")
        raise BadWeights(template, file=path.name, found=found, named=sha256)
    if path.suffix == ".safetensors":
        return parse_safetensors(data, path.name)
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def parse_safetensors(data: bytes, name: str) -> Mapping[str, Tensor]:
    """The tensors in a safetensors file; BadWeights for anything else, which is not even looked into."""
    try:
        return load_safetensors(data)
    except SafetensorError as error:
        raise BadWeights(
            _("%(file)s is not a whole safetensors file: %(error)s."), file=name, error=str(error)
        ) from error
