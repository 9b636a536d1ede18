"""Shapes, parameters and multiply-adds of VGG-19, against figures worked out by hand."""

from impasto.explain.layers import (
    content_layers,
    first_of_blocks,
    in_order,
    receptive_field,
    shapes,
)
from impasto.features.architectures import POCKET, VGG19


def test_the_shapes_of_vgg19_at_224():
    found = {layer.name: layer for layer in shapes(VGG19, 224, 224)}
    assert found["relu1_1"].nchw == (1, 64, 224, 224)
    assert found["relu2_1"].nchw == (1, 128, 112, 112)
    assert found["relu3_1"].nchw == (1, 256, 56, 56)
    assert found["relu4_2"].nchw == (1, 512, 28, 28)
    assert found["relu4_2"].nhwc == (1, 28, 28, 512)
    assert found["relu5_1"].nchw == (1, 512, 14, 14)
    assert found["pool5"].nchw == (1, 512, 7, 7)
    assert found["relu4_2"].numbers == 401_408


def test_an_odd_side_loses_its_last_row_in_pooling():
    assert {layer.name: layer for layer in shapes(VGG19, 45, 32)}["pool1"].nchw[2:] == (22, 16)


def test_parameters_of_vgg19():
    found = shapes(VGG19, 224, 224)
    assert sum(layer.parameters for layer in found) == 20_024_384
    by_name = {layer.name: layer.parameters for layer in found}
    assert (by_name["conv1_1"], by_name["conv5_4"]) == (1792, 2_359_808)
    assert by_name["relu1_1"] == by_name["pool1"] == 0


def test_multiply_adds_of_vgg19():
    found = {layer.name: layer.multiply_adds for layer in shapes(VGG19, 224, 224)}
    assert found["conv1_1"] == 86_704_128
    assert found["conv1_2"] == 1_849_688_064
    assert sum(found.values()) == 19_508_428_800  # the known 19.6 G less the dense layers' 0.12


def test_receptive_fields():
    sides = [receptive_field(VGG19, layer) for layer in ("conv1_1", "conv1_2", "pool1", "relu2_1")]
    assert sides == [3, 5, 6, 10]
    assert receptive_field(VGG19, "relu5_1") == 156


def test_named_layers_exist():
    assert content_layers(VGG19) == ("relu1_2", "relu2_2", "relu3_2", "relu4_2", "relu5_2")
    assert content_layers(POCKET)[-1] == "relu5_1"
    assert first_of_blocks(POCKET)[0] == "relu1_1"
    assert in_order(VGG19, ["relu3_1", "relu1_2", "relu3_1"]) == ("relu1_2", "relu3_1")
