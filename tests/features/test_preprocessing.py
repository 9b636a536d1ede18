"""torchvision's and Caffe's VGGs: told apart, and giving the same features."""

import pytest
import torch
from torch.nn import functional

from impasto.features import architectures, networks
from impasto.features.architectures import VGG16, Architecture
from impasto.features.preprocessing import CAFFE, TORCHVISION, recognized

THIN = Architecture("vgg19", ((8, 8), (8, 8), (8,) * 4, (8,) * 4, (8,) * 4))
CAFFE_MEAN = torch.tensor([103.939, 116.779, 123.68])  # blue, green, red
MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
CORNERS = (  # of VGG-16 as Keras prints it: blue, green, red at the corner of filters 0, 1, 2
    (0.429470569, 0.550379455, 0.480015397),
    (0.117273867, 0.0208774377, -0.172696680),
    (0.0340129584, 0.0988311544, 0.0375577137),
)


@pytest.fixture(autouse=True)
def _thin(monkeypatch):
    monkeypatch.setitem(architectures.ARCHITECTURES, "vgg19", THIN)


def weights(table=THIN, seed=0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for name, shape in table.weight_shapes().items():
        fan_in = 9 * shape[1] if len(shape) == 4 else 50
        found[name] = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5
    return found


def for_caffe(tensors, *, padding):
    """The inverse folding, in float64: weights whose input is BGR in [0, 255] less Caffe's mean.

    Ours see (x - m) / d of RGB x. With c = 255 x - M this is c / (255 d) + (M / 255 - m) / d: a
    scale of the channels, and an offset that goes into the bias. That is exact only for pixels that
    are not padded, so with zero padding the mean of ours is taken to be Caffe's.
    """
    first = tensors["conv1_1.weight"].double()
    scaled = first / (255 * DEVIATION.double()).view(1, 3, 1, 1)
    offset = (CAFFE_MEAN.flip(0).double() / 255 - MEAN.double()) / DEVIATION.double()
    if padding == "zeros":
        offset = torch.zeros(3, dtype=torch.float64)
    bias = tensors["conv1_1.bias"].double() + first.sum((2, 3)) @ offset
    changed = {"conv1_1.weight": scaled.flip(1).float(), "conv1_1.bias": bias.float()}
    return tensors | changed


def reference(image, tensors, mean, *, padding):
    """conv1_1 by the definition, in float64, normalized before the padding."""
    normalized = (image.double() - mean.view(1, 3, 1, 1)) / DEVIATION.double().view(1, 3, 1, 1)
    mode = "constant" if padding == "zeros" else padding
    padded = functional.pad(normalized, (1, 1, 1, 1), mode=mode)
    weight, bias = tensors["conv1_1.weight"].double(), tensors["conv1_1.bias"].double()
    return functional.conv2d(padded, weight, bias)


@pytest.mark.parametrize("names", ["paper", "torchvision"])
@pytest.mark.parametrize("padding", ["zeros", "reflect"])
def test_a_caffe_file_gives_the_same_features(tmp_path, padding, names):
    tensors, image = weights(), torch.rand(2, 3, 33, 48)
    caffe = for_caffe(tensors, padding=padding)
    if names == "torchvision":
        caffe = {renamed(name): tensor for name, tensor in caffe.items()}
    torch.save(caffe, tmp_path / "vgg_conv.pth")
    loaded = networks.load("vgg19", tmp_path / "vgg_conv.pth")
    assert loaded.preprocessing == "caffe"
    found = loaded.extractor(padding=padding)(image, ["conv1_1", "relu5_1"])
    mean = CAFFE_MEAN.flip(0).double() / 255 if padding == "zeros" else MEAN.double()
    wanted = reference(image, tensors, mean, padding=padding)
    torch.testing.assert_close(found["conv1_1"].double(), wanted, rtol=1e-4, atol=1e-4)
    if padding == "reflect":
        own = networks.LoadedNetwork(loaded.network, tensors, "").extractor(padding=padding)
        deep = own(image, ["relu5_1"])["relu5_1"]
        difference = (found["relu5_1"] - deep).norm() / deep.norm()
        assert difference < 1e-4


def renamed(name: str) -> str:
    layer, kind = name.split(".")
    return f"features.{THIN.positions[layer]}.{kind}"


def test_the_two_normalizations_are_those_of_the_tools():
    assert torch.allclose(torch.tensor(TORCHVISION.mean), MEAN)
    pixel = torch.tensor([0.2, 0.4, 0.9])  # red, green, blue
    mean, deviation = torch.tensor(CAFFE.mean), torch.tensor(CAFFE.deviation)
    wanted = 255 * pixel.flip(0) - CAFFE_MEAN
    torch.testing.assert_close(((pixel - mean) / deviation).flip(0), wanted)


class TestRecognized:
    def test_ordinary_weights_are_torchvisions(self):
        for seed in range(20):
            assert recognized(weights(seed=seed)) == "torchvision"

    def test_a_small_first_layer_is_caffes(self):
        assert recognized(for_caffe(weights(), padding="zeros")) == "caffe"

    @pytest.mark.parametrize(
        ("digits", "kind"), [("d01eb7cb", "caffe"), ("dcbb9e9d", "torchvision")]
    )
    def test_published_files_are_known_by_their_hash(self, digits, kind):
        tensors = weights() if kind == "caffe" else for_caffe(weights(), padding="zeros")
        assert recognized(tensors, digits + "0" * 56) == kind

    @pytest.mark.parametrize("scales", [(1.0, 1.0, 1.0), (0.02, 0.3, 7.0)])
    def test_the_published_filters_are_known_also_when_scaled(self, scales):
        tensors = weights(VGG16)
        first = tensors["conv1_1.weight"]
        before = recognized(tensors)
        for index, (corner, scale) in enumerate(zip(CORNERS, scales, strict=True)):
            first[index, :, 0, 0] = scale * torch.tensor(corner)
        assert (before, recognized(tensors)) == ("torchvision", "caffe")
        first[1, :, 0, 0] *= -1
        assert recognized(tensors) == "torchvision"

    def test_layers_are_ordered_by_number_not_by_letters(self):
        tensors = {renamed(name): t for name, t in for_caffe(weights(), padding="zeros").items()}
        assert recognized(dict(sorted(tensors.items()))) == "caffe"

    def test_what_is_no_network_is_left_alone(self):
        assert recognized({}) == "torchvision"
        assert recognized({"x": torch.ones(4)}) == "torchvision"


def test_an_import_may_say_the_preprocessing(tmp_path, monkeypatch):
    from impasto.features import provision
    from impasto.weights.catalog import VGG19

    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    torch.save(weights(), tmp_path / "w.pth")
    first = weights()["conv1_1.weight"]
    for kind, expected in (("caffe", first.flip(1)), ("torchvision", first)):
        assert provision.bring(VGG19, tmp_path / "w.pth", kind).preprocessing == kind
        loaded = networks.load("vgg19")
        assert loaded.preprocessing == kind
        assert torch.equal(loaded.weights["conv1_1.weight"], expected)
