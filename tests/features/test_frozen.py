"""Frozen operations against plain torch and its autograd, and what each keeps for the way back."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as functional
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck

from impasto.features import frozen
from impasto.features.frozen import SignBits

PADDINGS = ("zeros", "replicate", "reflect")
LAYOUTS = (torch.contiguous_format, torch.channels_last)
TOLERANCES = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 2e-2}


def plain_convolution(x: Tensor, weight: Tensor, bias: Tensor, padding: str) -> Tensor:
    mode = "constant" if padding == "zeros" else padding
    return functional.conv2d(functional.pad(x, (1, 1, 1, 1), mode=mode), weight, bias)


def numbers(*shape: int, dtype: torch.dtype = torch.float64, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def filters(out: int, into: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    return numbers(out, into, 3, 3, dtype=dtype, seed=2) / 3, numbers(out, dtype=dtype, seed=3)


def value_and_pull(function: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """The result, and the gradient for a fixed random gradient of the result."""
    x = x.detach().requires_grad_()
    y = function(x)
    (pulled,) = torch.autograd.grad(y, x, numbers(*y.shape, dtype=y.dtype, seed=4))
    return y.detach(), pulled


def assert_same(
    ours: Callable[[Tensor], Tensor], plain: Callable[[Tensor], Tensor], x: Tensor
) -> None:
    tolerance = TOLERANCES[x.dtype]
    for got, wanted in zip(value_and_pull(ours, x), value_and_pull(plain, x), strict=True):
        assert got.dtype == wanted.dtype
        torch.testing.assert_close(got, wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_convolution_equals_plain_torch(dtype, layout, padding, rectify):
    weight, bias = filters(5, 4, dtype)
    x = numbers(2, 4, 7, 6, dtype=dtype).contiguous(memory_format=layout)

    def ours(x: Tensor) -> Tensor:
        return frozen.convolution(x, weight, bias, padding=padding, rectify=rectify)

    def plain(x: Tensor) -> Tensor:
        y = plain_convolution(x, weight, bias, padding)
        return functional.relu(y) if rectify else y

    assert_same(ours, plain, x)


@settings(max_examples=40)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(2, 9),
    st.integers(2, 9),
    st.sampled_from(PADDINGS),
    st.sampled_from(LAYOUTS),
)
def test_convolution_equals_plain_torch_at_any_size(batch, channels, height, width, padding, lay):
    weight, bias = filters(3, channels)
    x = numbers(batch, channels, height, width).contiguous(memory_format=lay)
    assert_same(
        lambda x: frozen.convolution(x, weight, bias, padding=padding, rectify=True),
        lambda x: functional.relu(plain_convolution(x, weight, bias, padding)),
        x,
    )


@pytest.mark.parametrize("padding", ["zeros", "replicate"])
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 1)])
def test_convolution_of_a_single_row_or_column(size, padding):
    weight, bias = filters(3, 2)
    assert_same(
        lambda x: frozen.convolution(x, weight, bias, padding=padding),
        lambda x: plain_convolution(x, weight, bias, padding),
        numbers(1, 2, *size),
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_rectify_equals_relu(dtype, layout):
    x = numbers(2, 5, 3, 7, dtype=dtype).contiguous(memory_format=layout)
    assert_same(frozen.rectify, functional.relu, x)


def test_rectify_has_no_gradient_at_exact_zeros():
    x = torch.tensor([-1.0, -0.0, 0.0, 1e-40, 1e-30, 2.0]).view(1, 1, 2, 3)
    assert_same(frozen.rectify, functional.relu, x)
    _, pulled = value_and_pull(lambda x: frozen.rectify(x) + 0, x)
    assert (pulled.flatten() != 0).tolist() == [False, False, False, True, True, True]


def test_rectified_convolution_has_no_gradient_where_it_is_exactly_zero():
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 1, 1] = 1
    x = torch.tensor([[-1.0, 0.0, 2.0]]).view(1, 1, 1, 3).requires_grad_()
    y = frozen.convolution(x, weight, torch.zeros(1), padding="zeros", rectify=True)
    (pulled,) = torch.autograd.grad(y.sum(), x)
    assert pulled.flatten().tolist() == [0, 0, 1]


@pytest.mark.parametrize("size", [(8, 6), (7, 5), (2, 3), (9, 2)])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_pooling_equals_plain_torch(dtype, layout, size):
    x = numbers(2, 3, *size, dtype=dtype).contiguous(memory_format=layout)
    assert_same(frozen.average_pool, lambda x: functional.avg_pool2d(x, 2), x)
    assert_same(
        lambda x: frozen.average_pool(x, factor=2.0), lambda x: 2 * functional.avg_pool2d(x, 2), x
    )
    assert_same(frozen.max_pool, lambda x: functional.max_pool2d(x, 2), x)


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(2, 11), st.integers(2, 11))
def test_pooling_equals_plain_torch_at_any_size(batch, channels, height, width):
    x = numbers(batch, channels, height, width)
    assert_same(frozen.average_pool, lambda x: functional.avg_pool2d(x, 2), x)
    assert_same(frozen.max_pool, lambda x: functional.max_pool2d(x, 2), x)


def test_max_pool_gives_ties_to_the_corner_that_torch_chooses():
    x = torch.tensor([[0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 2.0, 2.0]]).view(1, 1, 2, 4)
    assert_same(frozen.max_pool, lambda x: functional.max_pool2d(x, 2), x)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradients_pass_gradcheck(layout):
    weight, bias = filters(2, 2)
    x = numbers(1, 2, 5, 4).contiguous(memory_format=layout).requires_grad_()
    for padding in PADDINGS:
        for rectify in (False, True):
            assert gradcheck(
                lambda x, p=padding, r=rectify: frozen.convolution(
                    x, weight, bias, padding=p, rectify=r
                ),
                (x,),
                fast_mode=True,
            )
    for function in (frozen.rectify, frozen.average_pool, frozen.max_pool):
        assert gradcheck(function, (x,), fast_mode=True)


def test_a_chain_of_all_operations_equals_plain_torch():
    """The gradients meet each operation in whatever memory order the next one left them."""
    (first, shift), (second, lift) = filters(4, 3), filters(3, 4)

    def ours(x: Tensor) -> Tensor:
        x = frozen.convolution(x, first, shift, padding="reflect", rectify=True)
        x = frozen.average_pool(x)
        x = frozen.convolution(x, second, lift, padding="replicate")
        return frozen.max_pool(frozen.rectify(x))

    def plain(x: Tensor) -> Tensor:
        x = functional.relu(plain_convolution(x, first, shift, "reflect"))
        x = functional.avg_pool2d(x, 2)
        x = plain_convolution(x, second, lift, "replicate")
        return functional.max_pool2d(functional.relu(x), 2)

    for layout in LAYOUTS:
        assert_same(ours, plain, numbers(2, 3, 13, 11).contiguous(memory_format=layout))


@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 7), st.integers(1, 7), st.booleans())
def test_signs_come_back_as_they_were_packed(batch, channels, height, width, last):
    features = numbers(batch, channels, height, width).relu()
    if last:
        features = features.contiguous(memory_format=torch.channels_last)
    signs = SignBits.of(features)
    assert torch.equal(signs.unpack(), features > 0)
    assert signs.bits.numel() == -(-features.numel() // 8)


class ElsewhereTensor(Tensor):
    """A CPU tensor that claims another device, to reach what serves devices other than the CPU."""

    @property
    def device(self):
        return SimpleNamespace(type="elsewhere")


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_packing_without_numpy_agrees_with_numpy(pattern):
    above = torch.tensor(pattern)
    elsewhere = above.as_subclass(ElsewhereTensor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frozen, "_shifts", lambda device: torch.arange(8, dtype=torch.uint8))
        generic = frozen._pack(elsewhere)
        back = frozen._unpack(generic.as_subclass(ElsewhereTensor), len(pattern))
    plain = generic.as_subclass(Tensor)
    assert plain.dtype == torch.uint8
    assert torch.equal(plain, frozen._pack(above))
    assert back.as_subclass(Tensor).tolist() == pattern
    assert frozen._unpack(plain, len(pattern)).tolist() == pattern


def test_shifts_are_the_eight_places_of_a_byte():
    assert frozen._shifts(torch.device("cpu")).tolist() == list(range(8))


# What the graph keeps: every tensor that any node of it holds, counted once, without the weights.


def held_by(node: object) -> Iterator[Tensor]:
    """Tensors in a node's saved ones and, for our own operations, in whatever it was given."""
    if hasattr(node, "saved_tensors"):
        yield from node.saved_tensors
        yield from tensors_in(vars(node))
    for name in dir(node):
        if name.startswith("_saved_"):
            yield from tensors_in(getattr(node, name))


def tensors_in(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from (t for item in value.values() for t in tensors_in(item))
    elif isinstance(value, list | tuple) and not isinstance(value, torch.Size):
        yield from (t for item in value for t in tensors_in(item))
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        yield from tensors_in(vars(value))


def kept_bytes(y: Tensor, *apart: Tensor) -> int:
    known = {t.untyped_storage().data_ptr() for t in apart}
    sizes: dict[int, int] = {}
    nodes, seen = [y.grad_fn], set()
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        for tensor in held_by(node):
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in known:
                sizes[storage.data_ptr()] = storage.nbytes()
        nodes += [parent for parent, _ in node.next_functions]
    return sum(sizes.values())


def test_the_measure_sees_what_plain_torch_keeps():
    weight, bias = filters(8, 8, torch.float32)
    x = numbers(1, 8, 16, 16, dtype=torch.float32).requires_grad_()
    y = functional.relu(functional.conv2d(x.clone(), weight.requires_grad_(), bias, padding=1))
    assert kept_bytes(y, weight) == 2 * x.numel() * 4  # the convolution's input, the ReLU's output


@pytest.mark.parametrize("padding", PADDINGS)
def test_a_convolution_with_relu_keeps_one_bit_per_number(padding):
    weight, bias = filters(8, 8, torch.float32)
    x = numbers(1, 8, 16, 16, dtype=torch.float32).requires_grad_()
    y = frozen.convolution(x, weight, bias, padding=padding, rectify=True)
    assert kept_bytes(y, weight, bias) == y.numel() // 8
    bare = frozen.convolution(x, weight, bias, padding=padding)
    assert kept_bytes(bare, weight, bias) == 0


def test_relu_keeps_a_bit_and_pooling_a_byte_per_number_or_nothing():
    x = numbers(1, 8, 16, 16, dtype=torch.float32).requires_grad_()
    assert kept_bytes(frozen.rectify(x)) == x.numel() // 8
    assert kept_bytes(frozen.average_pool(x)) == 0
    assert kept_bytes(frozen.max_pool(x)) == x.numel() // 4


def test_nothing_is_kept_where_no_gradient_is_asked_for():
    weight, bias = filters(4, 4)
    x = numbers(1, 4, 6, 6)
    for y in (
        frozen.convolution(x, weight, bias, padding="reflect", rectify=True),
        frozen.rectify(x),
        frozen.average_pool(x),
        frozen.max_pool(x),
    ):
        assert y.grad_fn is None


def test_inputs_and_weights_are_left_as_they_were():
    weight, bias = filters(3, 3)
    x = numbers(1, 3, 5, 5).requires_grad_()
    before = [t.detach().clone() for t in (x, weight, bias)]
    for padding in PADDINGS:
        frozen.convolution(x, weight, bias, padding=padding, rectify=True).sum().backward()
    frozen.max_pool(frozen.rectify(frozen.average_pool(x))).sum().backward()
    assert all(torch.equal(a, b) for a, b in zip(before, (x, weight, bias), strict=True))


def test_an_incoming_gradient_is_left_as_it_was():
    weight, bias = filters(3, 3)
    for padding in PADDINGS:
        x = numbers(1, 3, 5, 5).requires_grad_()
        y = frozen.convolution(x, weight, bias, padding=padding, rectify=True)
        pull = numbers(*y.shape, seed=9)
        before = pull.clone()
        torch.autograd.grad(y, x, pull)
        assert torch.equal(pull, before)
