"""From a network's name to an extractor: weights found, checked, and put into the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

import torch
from torch import Tensor

from impasto.errors import WeightsError
from impasto.features.architectures import architecture
from impasto.features.conversions import converted
from impasto.features.extractor import Extractor
from impasto.features.preprocessing import normalization, recognized
from impasto.weights import catalog, store

OWN = "own"
"""Pooling or padding as the network was trained."""
RECOGNIZED = ("vgg19", "vgg16")
"""Architectures whose weights go around with two kinds of preprocessing."""


@dataclass(frozen=True)
class LoadedNetwork:
    """A network's weights under paper names, from which extractors are made."""

    network: catalog.Network
    weights: Mapping[str, Tensor]
    sha256: str
    """Of the weights file."""
    preprocessing: catalog.Preprocessing = "torchvision"

    def extractor(
        self, *, pooling: str = OWN, padding: str = OWN, dtype: torch.dtype = torch.float32
    ) -> Extractor:
        """Make an extractor.

        Args:
            pooling: max, average, average-rescaled, or own: as the network was trained.
            padding: zeros, replicate, reflect, or own.
            dtype: computation type.
        """
        return Extractor(
            architecture(self.network.architecture),
            self.weights,
            pooling=self.network.pooling if pooling == OWN else pooling,
            padding=self.network.padding if padding == OWN else padding,
            normalization=normalization(self.preprocessing),
            dtype=dtype,
        ).eval()


def load(
    name: str, weights: str | PathLike[str] | None = None, *, sha256: str = ""
) -> LoadedNetwork:
    """Load a network by name.

    Args:
        name: `pocket-v1`, `vgg19` or `vgg16`.
        weights: a weights file; None takes the embedded weights, or those in the cache.
        sha256: if given, the weights file must have this hash.

    Raises:
        WeightsError: no such network, or its weights are missing or damaged.
    """
    network = catalog.network(name)
    found = _found(network, weights)
    if sha256 and found.sha256 != sha256:
        raise WeightsError(
            f"the recipe asks for {name} of SHA-256 {sha256[:12]}..., got weights of "
            f"{found.sha256[:12]}...; give that file, name the weights' network "
            "with --network, or set network.sha256 to an empty text"
        )
    if found.preprocessing is not None:
        return LoadedNetwork(network, found.tensors, found.sha256, found.preprocessing)
    tensors, preprocessing = prepared(network, found)
    return LoadedNetwork(network, tensors, found.sha256, preprocessing)


def prepared(
    network: catalog.Network,
    found: store.Weights,
    preprocessing: catalog.Preprocessing | None = None,
) -> tuple[dict[str, Tensor], catalog.Preprocessing]:
    """Bring a file's weights to our names and order.

    Args:
        network: what they are for.
        found: as read.
        preprocessing: that they expect; None lets the weights tell.

    Returns:
        The weights of the convolutions, and the preprocessing of their input.
    """
    if preprocessing is None:
        is_vgg = network.architecture in RECOGNIZED
        preprocessing = recognized(found.tensors, found.sha256) if is_vgg else "torchvision"
    return converted(
        architecture(network.architecture), found.tensors, preprocessing
    ), preprocessing


def _found(network: catalog.Network, weights: str | PathLike[str] | None) -> store.Weights:
    if weights is not None:
        return store.read(weights)
    if network.embedded is None and (found := store.cached(network)) is not None:
        return found
    return store.embedded(network)
