"""The extractor against a plain stack of torch modules."""

import pytest
import torch
from torch import Tensor, nn

from impasto.errors import InputError, LayerError, ShapeError, WeightsError
from impasto.features.extractor import Extractor, Normalization

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BLOCKS = (2, 2, 4, 4, 4)  # convolutions in each
TORCH_PADDING = {"zeros": "zeros", "replicate": "replicate", "reflect": "reflect"}


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * x


def plain_stack(weights, pooling: str, padding: str) -> dict[str, nn.Module]:
    """VGG as in torchvision: modules by layer name, in order."""
    stack: dict[str, nn.Module] = {}
    for block, count in enumerate(BLOCKS, start=1):
        for index in range(1, count + 1):
            weight = weights[f"conv{block}_{index}.weight"]
            out, into = weight.shape[:2]
            conv = nn.Conv2d(into, out, 3, padding=1, padding_mode=padding, dtype=weight.dtype)
            with torch.no_grad():
                conv.weight.copy_(weight)
                conv.bias.copy_(weights[f"conv{block}_{index}.bias"])
            stack[f"conv{block}_{index}"] = conv
            stack[f"relu{block}_{index}"] = nn.ReLU()
        pools = {
            "max": nn.MaxPool2d(2),
            "average": nn.AvgPool2d(2),
            "average-rescaled": nn.Sequential(nn.AvgPool2d(2), Doubled()),
        }
        stack[f"pool{block}"] = pools[pooling]
    return stack


def plain_features(stack: dict[str, nn.Module], image: Tensor) -> dict[str, Tensor]:
    mean, deviation = (image.new_tensor(v).view(1, 3, 1, 1) for v in (MEAN, DEVIATION))
    x, found = (image - mean) / deviation, {"pixels": image}
    for name, module in stack.items():
        x = module(x)
        found[name] = x
    return found


def picture(*size: int, batch: int = 1, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.rand(batch, 3, *size, generator=generator, dtype=torch.float64).to(dtype)


@pytest.mark.parametrize("padding", ["zeros", "replicate", "reflect"])
@pytest.mark.parametrize("pooling", ["max", "average", "average-rescaled"])
def test_every_layer_and_the_gradient_equal_a_plain_stack(tiny, pooling, padding):
    stack = plain_stack(tiny.weights, pooling, padding)
    ours_image = picture(33, 38, batch=2).requires_grad_()
    plain_image = ours_image.detach().clone().requires_grad_()
    wanted = plain_features(stack, plain_image)
    got = tiny.extractor(pooling=pooling, padding=padding)(ours_image, list(wanted))

    assert list(got) == list(wanted)
    for name in wanted:
        torch.testing.assert_close(got[name], wanted[name], rtol=1e-11, atol=1e-11)
    for features in (got, wanted):
        torch.stack([f.square().mean() for f in features.values()]).sum().backward()
    torch.testing.assert_close(ours_image.grad, plain_image.grad, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("layers", [["relu2_1"], ["conv2_1"], ["relu2_1", "conv2_1"], ["pool2"]])
def test_taps_before_and_after_the_relu_do_not_disturb_each_other(tiny, layers):
    wanted = plain_features(plain_stack(tiny.weights, "max", "zeros"), picture(32, 36))
    got = tiny.extractor()(picture(32, 36), layers)
    assert set(got) == set(layers)
    for name in layers:
        torch.testing.assert_close(got[name], wanted[name], rtol=1e-11, atol=1e-11)


def test_a_layer_before_the_relu_has_negative_numbers_and_the_one_after_has_none(tiny):
    got = tiny.extractor()(picture(32, 36), ["conv2_2", "relu2_2"])
    assert got["conv2_2"].min() < 0
    assert torch.equal(got["conv2_2"].clamp_min(0), got["relu2_2"])


def test_pixels_are_the_image_itself(tiny):
    image = picture(3, 5)
    assert tiny.extractor()(image, ["pixels"])["pixels"] is image
    assert tiny.extractor()(image, []) == {}


def test_other_layers_asked_for_do_not_change_a_layer(tiny):
    extractor, image = tiny.extractor(padding="reflect"), picture(32, 32)
    alone = extractor(image, ["relu3_2"])["relu3_2"]
    among = extractor(image, ["relu5_4", "conv3_2", "relu3_2", "pixels", "relu3_2"])["relu3_2"]
    assert torch.equal(alone, among)


def test_nothing_past_the_deepest_layer_is_needed(tiny):
    shallow = {n: w for n, w in tiny.weights.items() if n < "conv3_2"}
    truncated, image = Extractor(tiny.architecture, shallow, dtype=torch.float64), picture(9, 9)
    whole = tiny.extractor()
    for layer in ("relu1_2", "pool2", "conv3_1", "relu3_1"):
        assert torch.equal(truncated(image, [layer])[layer], whole(image, [layer])[layer])
    with pytest.raises(LayerError, match="end at relu3_1, before conv3_2"):
        truncated(image, ["conv3_2"])


def test_nothing_past_the_deepest_layer_is_computed(tiny):
    poisoned = {n: w.clone() for n, w in tiny.weights.items()}
    extractor = Extractor(tiny.architecture, poisoned, dtype=torch.float64)
    calls = []

    def counting(function):
        return lambda *a, **k: calls.append(1) or function(*a, **k)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.nn.functional.conv2d", counting(torch.nn.functional.conv2d))
        extractor(picture(16, 16), ["relu2_1", "relu1_1"])
    assert len(calls) == 3  # conv1_1, conv1_2, conv2_1


def test_unknown_layers_name_the_nearest(tiny):
    with pytest.raises(LayerError, match="relu4_2"):
        tiny.extractor()(picture(32, 32), ["relu4-2"])


def test_weights_and_image_get_no_gradient_unasked_and_are_not_changed(tiny):
    extractor, image = tiny.extractor(), picture(16, 16)
    before = {n: b.clone() for n, b in extractor.named_buffers()}
    copy = image.clone()
    features = extractor(image, ["relu3_1"])["relu3_1"]
    assert not features.requires_grad
    assert list(extractor.parameters()) == []
    assert not any(b.requires_grad for b in extractor.buffers())
    extractor(image.requires_grad_(), ["relu3_1"])["relu3_1"].sum().backward()
    assert torch.equal(image.detach(), copy)
    assert all(torch.equal(b, before[n]) for n, b in extractor.named_buffers())
    assert all(b.grad is None for b in extractor.buffers())


def test_weights_that_ask_for_gradients_are_taken_without(tiny):
    weights = {n: w.clone().requires_grad_() for n, w in tiny.weights.items()}
    extractor = Extractor(tiny.architecture, weights, dtype=torch.float64)
    assert not extractor(picture(16, 16), ["relu3_1"])["relu3_1"].requires_grad


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_images_memory_order_does_not_matter(tiny, layout):
    image = picture(32, 34).contiguous(memory_format=layout).requires_grad_()
    features = tiny.extractor()(image, ["relu3_1"])["relu3_1"]
    (gradient,) = torch.autograd.grad(features.square().sum(), image)
    plain = picture(32, 34).requires_grad_()
    wanted = plain_features(plain_stack(tiny.weights, "max", "zeros"), plain)["relu3_1"]
    (expected,) = torch.autograd.grad(wanted.square().sum(), plain)
    torch.testing.assert_close(features, wanted, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-12)


def test_own_normalization_is_used(tiny):
    bare = Extractor(
        tiny.architecture,
        tiny.weights,
        normalization=Normalization((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        dtype=torch.float64,
    )
    image = picture(8, 8)
    weight, bias = tiny.weights["conv1_1.weight"], tiny.weights["conv1_1.bias"]
    wanted = torch.nn.functional.conv2d(image, weight, bias, padding=1)
    torch.testing.assert_close(bare(image, ["conv1_1"])["conv1_1"], wanted)


def test_bf16_and_fp32_stay_close_to_float64_and_gradients_come_in_the_images_type(tiny):
    layer, image = "relu4_1", picture(32, 32)
    exact = tiny.extractor(padding="reflect", pooling="average")(image, [layer])[layer]
    for dtype, tolerance in ((torch.float32, 1e-5), (torch.bfloat16, 0.05)):
        extractor = tiny.extractor(dtype=dtype, padding="reflect", pooling="average")
        single = image.float().requires_grad_()
        features = extractor(single, [layer])[layer]
        assert features.dtype == dtype
        error = (features.double() - exact).norm() / exact.norm()
        assert error < tolerance
        features.float().square().mean().backward()
        assert single.grad.dtype == torch.float32
        assert single.grad.isfinite().all()


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 1, 16, 16), (1, 4, 16, 16), (16, 16)])
def test_wrong_shapes_are_refused(tiny, shape):
    with pytest.raises(ShapeError, match=r"\(N, 3, H, W\)"):
        tiny.extractor()(torch.rand(shape), ["relu1_1"])


@pytest.mark.parametrize("padding", ["zeros", "replicate", "reflect"])
@pytest.mark.parametrize(
    "layer", ["conv1_1", "relu1_2", "pool1", "relu2_1", "pool2", "relu4_2", "pool4", "relu5_1"]
)
def test_the_smallest_side_is_just_enough(tiny, padding, layer):
    extractor = tiny.extractor(padding=padding)
    side = extractor.smallest_side(layer)
    features = extractor(picture(side, side), [layer])[layer]
    assert min(features.shape[-2:]) >= 1
    if side > 1:
        with pytest.raises(ShapeError, match=f"at least {side} x {side} px for {layer}"):
            extractor(picture(side - 1, 64), [layer])
        with pytest.raises(ShapeError):
            extractor(picture(64, side - 1), [layer])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: w.pop("conv1_1.bias"), "lack conv1_1"),
        (lambda w: w.pop("conv2_1.weight"), "lack conv2_1"),
        (lambda w: w.clear(), "lack conv1_1"),
        (lambda w: w.update({"conv1_1.weight": torch.zeros(9, 3, 3, 3)}), "conv1_1.weight"),
        (lambda w: w.update({"fc6.weight": torch.zeros(2, 2)}), "fc6.weight"),
    ],
)
def test_weights_of_another_network_are_refused(tiny, change, words):
    weights = dict(tiny.weights)
    change(weights)
    with pytest.raises(WeightsError, match=words):
        Extractor(tiny.architecture, weights)


@pytest.mark.parametrize("options", [{"pooling": "min"}, {"padding": "circular"}])
def test_unknown_pooling_and_padding_are_refused(tiny, options):
    with pytest.raises(InputError, match="unknown p"):
        tiny.extractor(**options)
