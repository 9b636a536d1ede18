"""The catalog: which trained files exist, where they are published, and the facts about each.

Sizes and digests of the VGGs agree between several independent projects that pin them, and with
the digits in the published names; YuNet's too, and a copy with that digest has run here.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from impasto.errors import WeightsError, unknown_name

Preprocessing = Literal["torchvision", "caffe"]
"""How pixels were prepared when a network was trained.

torchvision: RGB in [0, 1], less a mean, over a deviation. caffe: BGR in [0, 255], less a mean.
"""


@dataclass(frozen=True)
class Source:
    """Where a file is published, and what is known of it."""

    address: str
    size: int | None
    """In bytes; None where it is not known."""
    sha256: str
    """All 64 hexadecimal digits, or the first few where no more is published, or none.

    What a first fetch adds to it is stored in the cache and checked from then on.
    """
    preprocessing: Preprocessing = "torchvision"

    @property
    def filename(self) -> str:
        """The last part of the address."""
        return urlsplit(self.address).path.rpartition("/")[2]


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
    licence: str = ""
    source: Source | None = None
    """Where it is fetched from; None where it is embedded, or the user brings the file."""


@dataclass(frozen=True)
class KeptFile:
    """A file that is fetched and kept as it is, for other parts of impasto."""

    name: str
    about: str
    licence: str
    source: Source


Item = Network | KeptFile
"""What `impasto weights` lists, fetches and imports."""

VGG_LICENCE = "weights CC BY 4.0 (Simonyan and Zisserman), torchvision BSD-3-Clause"

POCKET_V1 = Network(
    name="pocket-v1",
    architecture="pocket",
    pooling="average",
    padding="reflect",
    embedded="pocket-v1.safetensors",
    sha256="0e151f73ff951628ef2420ea5e11bd29d374f65f6451ff9a8f444e2d3d424b42",
    about="compact VGG to relu5_1, distilled here; 0.81 million weights; embedded",
    licence="MIT",
)
VGG19 = Network(
    name="vgg19",
    architecture="vgg19",
    pooling="max",
    padding="zeros",
    embedded=None,
    sha256="",
    about="VGG-19 (Simonyan and Zisserman 2014) as trained for torchvision",
    licence=VGG_LICENCE,
    source=Source(
        address="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        size=574_673_361,
        sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
    ),
)
VGG16 = Network(
    name="vgg16",
    architecture="vgg16",
    pooling="max",
    padding="zeros",
    embedded=None,
    sha256="",
    about="VGG-16 (Simonyan and Zisserman 2014) as trained for torchvision",
    licence=VGG_LICENCE,
    source=Source(
        address="https://download.pytorch.org/models/vgg16-397923af.pth",
        size=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    ),
)
VGG19_COMPRESSED = Network(
    name="vgg19-compressed",
    architecture="vgg19-compressed",
    pooling="max",
    padding="reflect",
    embedded=None,
    sha256="",
    about="VGG-19 compressed 16 times (Wang et al. 2020); weights from a file",
    licence="MIT",
)
YUNET = KeptFile(
    name="yunet",
    about="YuNet, a face detector (May 2026), as ONNX",
    licence="MIT",
    source=Source(
        address="https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/"
        "face_detection_yunet_2026may.onnx",
        size=229_738,
        sha256="ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0",
    ),
)

NETWORKS = {n.name: n for n in (POCKET_V1, VGG19, VGG16, VGG19_COMPRESSED)}
ITEMS: dict[str, Item] = {**NETWORKS, YUNET.name: YUNET}


def network(name: str) -> Network:
    """Look a network up by name.

    Raises:
        WeightsError: there is none of that name.
    """
    if name not in NETWORKS:
        raise WeightsError(unknown_name("network", name, NETWORKS))
    return NETWORKS[name]


def item(name: str) -> Item:
    """Look up anything in the catalog by name.

    Raises:
        WeightsError: there is none of that name.
    """
    if name not in ITEMS:
        raise WeightsError(unknown_name("network or file", name, ITEMS))
    return ITEMS[name]
