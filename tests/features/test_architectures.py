"""The tables of the networks against facts known from the papers and from torchvision."""

import pytest
import torch

from impasto.errors import LayerError, WeightsError
from impasto.features.architectures import (
    POCKET,
    VGG16,
    VGG19,
    Architecture,
    Node,
    architecture,
)
from impasto.features.extractor import Extractor
from impasto.losses.gram import gram_matrix

# Positions in torchvision's `vgg19().features` and `vgg16().features`, written down by hand.
TORCHVISION_19 = {
    **{"conv1_1": 0, "relu1_1": 1, "conv1_2": 2, "relu1_2": 3, "pool1": 4},
    **{"conv2_1": 5, "conv2_2": 7, "pool2": 9},
    **{"conv3_1": 10, "conv3_2": 12, "conv3_3": 14, "conv3_4": 16, "pool3": 18},
    **{"conv4_1": 19, "conv4_2": 21, "conv4_3": 23, "conv4_4": 25, "pool4": 27},
    **{"conv5_1": 28, "conv5_2": 30, "conv5_3": 32, "conv5_4": 34, "relu5_4": 35, "pool5": 36},
}
TORCHVISION_16 = {
    **{"conv1_1": 0, "conv1_2": 2, "conv2_1": 5, "conv2_2": 7},
    **{"conv3_1": 10, "conv3_2": 12, "conv3_3": 14},
    **{"conv4_1": 17, "conv4_2": 19, "conv4_3": 21},
    **{"conv5_1": 24, "conv5_2": 26, "conv5_3": 28, "relu5_3": 29, "pool5": 30},
}


@pytest.mark.parametrize(("table", "known"), [(VGG19, TORCHVISION_19), (VGG16, TORCHVISION_16)])
def test_layers_lie_at_torchvisions_indices(table, known):
    assert {name: table.positions[name] for name in known} == known
    assert len(table.nodes) == known["pool5"] + 1


def test_relus_follow_their_convolutions():
    for table in (VGG19, VGG16, POCKET):
        for name in table.convolutions:
            relu = "relu" + name[4:]
            assert table.positions[relu] == table.positions[name] + 1
            assert table.node(relu).convolution == table.node(name).convolution == name


@pytest.mark.parametrize(
    ("table", "number", "name"),
    [
        *((VGG19, 1, "conv1_1"), (VGG19, 7, "conv3_3"), (VGG19, 16, "conv5_4")),
        *((VGG16, 1, "conv1_1"), (VGG16, 7, "conv3_3"), (VGG16, 8, "conv4_1")),
        *((VGG16, 13, "conv5_3"), (POCKET, 13, "conv5_1")),
    ],
)
def test_convolutions_by_number(table, number, name):
    assert table.ordinal(number) == name


@pytest.mark.parametrize(("table", "number"), [(VGG19, 0), (VGG19, 17), (VGG16, 14), (VGG16, -1)])
def test_numbers_of_no_convolution_are_refused(table, number):
    with pytest.raises(LayerError, match=f"convolutions 1 to .*, got {number}"):
        table.ordinal(number)


def test_vgg_at_224_pixels_has_the_papers_shapes():
    """A real VGG-19 with random weights: relu4_2 is 1 x 512 x 28 x 28; Gram matrices are square."""
    weights = {name: torch.randn(shape) / 50 for name, shape in truncated(VGG19).items()}
    grams = {"relu1_1": 64, "relu2_1": 128, "relu3_1": 256, "relu4_1": 512, "relu5_1": 512}
    with torch.no_grad():
        features = Extractor(VGG19, weights)(torch.rand(1, 3, 224, 224), [*grams, "relu4_2"])
        assert features["relu4_2"].shape == (1, 512, 28, 28)
        for name, size in grams.items():
            assert gram_matrix(features[name]).shape == (1, size, size)


def truncated(table: Architecture) -> dict[str, tuple[int, ...]]:
    """Weights up to conv5_1."""
    return {name: shape for name, shape in table.weight_shapes().items() if name < "conv5_2"}


def test_channels_and_strides():
    facts = {
        "relu1_1": (64, 1),
        "pool1": (64, 2),
        "conv2_2": (128, 2),
        "relu3_4": (256, 4),
        "conv4_1": (512, 8),
        "pool4": (512, 16),
        "relu5_4": (512, 16),
        "pool5": (512, 32),
    }
    for name, (channels, stride) in facts.items():
        node = VGG19.node(name)
        assert (node.name, node.channels, node.stride) == (name, channels, stride)


def test_parameters_of_the_convolutions_are_as_many_as_published():
    """torchvision: 143,667,240 and 138,357,544 in all, of which the classifiers 123,642,856."""

    def count(table):
        return sum(torch.Size(shape).numel() for shape in table.weight_shapes().values())

    assert count(VGG19) == 143_667_240 - 123_642_856
    assert count(VGG16) == 138_357_544 - 123_642_856
    assert round(count(POCKET) / 1e6, 2) == 0.81


def test_pocket_has_vggs_names_up_to_relu5_1():
    cut = VGG19.positions["relu5_1"] + 1
    assert [node.name for node in POCKET.nodes] == [node.name for node in VGG19.nodes[:cut]]


@pytest.mark.parametrize(
    ("asked", "near"), [("relu4-2", "relu4_2"), ("Relu1_1", "relu1_1"), ("conv3_5", "conv3_4")]
)
def test_unknown_layers_name_the_nearest(asked, near):
    with pytest.raises(LayerError, match=f"'{asked}'.*{near}"):
        VGG19.node(asked)


def test_a_layer_that_only_other_networks_have_is_unknown():
    for table, name in ((VGG16, "conv3_4"), (POCKET, "relu5_2"), (POCKET, "pool5")):
        with pytest.raises(LayerError):
            table.node(name)


def test_the_deepest_layer_is_found_in_any_order():
    assert VGG19.deepest(("relu4_2", "relu1_1", "pixels")) == 22
    assert VGG19.deepest(("pixels",)) == -1
    assert VGG19.deepest(()) == -1


def test_networks_by_name():
    assert architecture("vgg19") is VGG19
    with pytest.raises(WeightsError, match="vgg19"):
        architecture("vgg18")


def test_a_table_of_ones_own():
    table = Architecture("own", ((2,), (3, 4)), final_pool=False)
    assert [node.name for node in table.nodes] == [
        *("conv1_1", "relu1_1", "pool1"),
        *("conv2_1", "relu2_1", "conv2_2", "relu2_2"),
    ]
    assert table.nodes[2] == Node("pool1", "pool", 2, 2)
    assert table.weight_shapes() == {
        "conv1_1.weight": (2, 3, 3, 3),
        "conv1_1.bias": (2,),
        "conv2_1.weight": (3, 2, 3, 3),
        "conv2_1.bias": (3,),
        "conv2_2.weight": (4, 3, 3, 3),
        "conv2_2.bias": (4,),
    }
