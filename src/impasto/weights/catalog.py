"""The catalog of networks: which weights exist, and the facts about each."""

from dataclasses import dataclass

from impasto.errors import WeightsError, unknown_name


@dataclass(frozen=True)
class Network:
    """One network by version: its table of layers, its file, and how it was trained to be used."""

    name: str
    architecture: str
    pooling: str
    padding: str
    embedded: str | None
    """File in the package's `weights/data`, if it comes with impasto."""
    sha256: str
    """Of the embedded file; empty where the user brings the file."""
    about: str


POCKET_V1 = Network(
    name="pocket-v1",
    architecture="pocket",
    pooling="average",
    padding="reflect",
    embedded="pocket-v1.safetensors",
    sha256="0e151f73ff951628ef2420ea5e11bd29d374f65f6451ff9a8f444e2d3d424b42",
    about="compact VGG to relu5_1, distilled here; 0.81 million weights; embedded",
)
VGG19 = Network(
    name="vgg19",
    architecture="vgg19",
    pooling="max",
    padding="zeros",
    embedded=None,
    sha256="",
    about="VGG-19 (Simonyan and Zisserman 2014); weights from a file",
)
VGG16 = Network(
    name="vgg16",
    architecture="vgg16",
    pooling="max",
    padding="zeros",
    embedded=None,
    sha256="",
    about="VGG-16 (Simonyan and Zisserman 2014); weights from a file",
)
VGG19_COMPRESSED = Network(
    name="vgg19-compressed",
    architecture="vgg19-compressed",
    pooling="max",
    padding="reflect",
    embedded=None,
    sha256="",
    about="VGG-19 compressed 16 times (Wang et al. 2020); weights from a file",
)

NETWORKS = {n.name: n for n in (POCKET_V1, VGG19, VGG16, VGG19_COMPRESSED)}


def network(name: str) -> Network:
    """Look a network up by name.

    Raises:
        WeightsError: there is none of that name.
    """
    if name not in NETWORKS:
        raise WeightsError(unknown_name("network", name, NETWORKS))
    return NETWORKS[name]
