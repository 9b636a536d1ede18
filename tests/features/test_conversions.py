"""Weights of other tools: brought to paper names and to an input normalized as ours."""

import torch
import torch.nn.functional as functional
from torch import Tensor

from impasto.features.architectures import POCKET, VGG16, VGG19, VGG19_COMPRESSED, Architecture
from impasto.features.conversions import converted
from impasto.features.extractor import Extractor


def test_the_real_tables_map_torchvisions_indices():
    for table, index, name in ((VGG19, 21, "conv4_2"), (VGG16, 21, "conv4_3")):
        renamed = converted(table, {f"features.{index}.weight": torch.zeros(1)})
        assert list(renamed) == [f"{name}.weight"]


def test_what_lies_past_a_shorter_table_is_left_out():
    table = Architecture("short", ((2,), (3,)), final_pool=False)
    names = [f"features.{index}.weight" for index in (0, 3, 6, 100)]
    renamed = converted(table, dict.fromkeys(names, torch.zeros(1)))
    assert list(renamed) == ["conv1_1.weight", "conv2_1.weight"]


def compressed(seed: int = 3) -> dict[str, Tensor]:
    """A file laid out like that of Wang et al., with random weights."""
    generator = torch.Generator().manual_seed(seed)
    shapes = VGG19_COMPRESSED.weight_shapes()
    shapes |= {"preprocess.weight": (3, 3, 1, 1), "preprocess.bias": (3,)}
    shapes |= {"head1_1.weight": (64, 16, 1, 1), "head1_1.bias": (64,)}
    return {n: 0.1 * torch.randn(shape, generator=generator) for n, shape in shapes.items()}


def test_the_compressed_vggs_own_preprocessing_is_folded_into_its_first_layer():
    tensors, image = compressed(), torch.rand(1, 3, 9, 12)
    extractor = Extractor(VGG19_COMPRESSED, converted(VGG19_COMPRESSED, tensors), padding="reflect")
    prepared = functional.conv2d(image, tensors["preprocess.weight"], tensors["preprocess.bias"])
    padded = functional.pad(prepared, (1, 1, 1, 1), mode="reflect")
    wanted = functional.conv2d(padded, tensors["conv1_1.weight"], tensors["conv1_1.bias"])
    found = extractor(image, ["conv1_1"])["conv1_1"]
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_heads_and_what_else_is_no_convolution_are_left_out():
    names = converted(VGG19_COMPRESSED, compressed())
    assert set(names) == set(VGG19_COMPRESSED.weight_shapes())


def test_paper_names_pass_unchanged():
    weights = {"conv1_1.weight": torch.ones(16, 3, 3, 3), "conv1_1.bias": torch.ones(16)}
    assert converted(POCKET, weights) == weights
