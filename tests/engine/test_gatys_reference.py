"""The recipe `gatys` against the paper's equations, written in NumPy with nothing of impasto.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016.
"""

import numpy as np
import pytest
import torch

from impasto.building import build_objective
from impasto.engine.balance import content_factor
from impasto.recipe_files import named
from impasto.weights.catalog import VGG19

CONTENT_LAYER = "relu4_2"
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
HEIGHT, WIDTH = 18, 21  # odd on the way down: 21, 10, 5, 2, 1


def vgg(weights: dict[str, np.ndarray], image: np.ndarray) -> dict[str, np.ndarray]:
    """Convolutions of 3 x 3 over a border of zeros, ReLU, maxima of 2 x 2: all layers by name."""
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    x, found = (image - mean[:, None, None]) / deviation[:, None, None], {}
    for block, count in enumerate((2, 2, 4, 4, 4), start=1):
        for index in range(1, count + 1):
            name = f"{block}_{index}"
            x = convolved(x, weights[f"conv{name}.weight"], weights[f"conv{name}.bias"])
            x = np.maximum(x, 0)
            found[f"relu{name}"] = x
        x = pooled(x)
    return found


def convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    _, height, width = x.shape
    bordered = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    total = np.zeros((len(weight), height, width)) + bias[:, None, None]
    for row in range(3):
        for column in range(3):
            seen = bordered[:, row : row + height, column : column + width]
            total += np.einsum("oi,ihw->ohw", weight[:, :, row, column], seen)
    return total


def pooled(x: np.ndarray) -> np.ndarray:
    height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    corners = [x[:, r:height:2, c:width:2] for r in (0, 1) for c in (0, 1)]
    return np.max(corners, axis=0)


def content_loss(generated: np.ndarray, content: np.ndarray) -> float:
    """Eq. 1."""
    return float(((generated - content) ** 2).sum() / 2)


def gram(features: np.ndarray) -> np.ndarray:
    """Eq. 3: G_ij = sum_k F_ik F_jk."""
    rows = features.reshape(len(features), -1)
    return rows @ rows.T


def style_layer_loss(generated: np.ndarray, style: np.ndarray) -> float:
    """Eq. 4: sum of (G - A)^2 over 4 N^2 M^2."""
    n, m = len(generated), generated[0].size
    return float(((gram(generated) - gram(style)) ** 2).sum() / (4 * n**2 * m**2))


def style_loss(generated: dict[str, np.ndarray], style: dict[str, np.ndarray]) -> float:
    """Eq. 5, with w_l = 1/5."""
    return sum(style_layer_loss(generated[n], style[n]) / 5 for n in STYLE_LAYERS)


class Paper:
    """Eq. 7: alpha times the content loss plus beta times the style loss."""

    def __init__(self, weights, content, style, alpha: float, beta: float) -> None:
        self.weights, self.alpha, self.beta = weights, alpha, beta
        self.content, self.style = vgg(weights, content), vgg(weights, style)

    def parts(self, image: np.ndarray) -> tuple[float, float]:
        seen = vgg(self.weights, image)
        return (
            content_loss(seen[CONTENT_LAYER], self.content[CONTENT_LAYER]),
            style_loss(seen, self.style),
        )

    def total(self, image: np.ndarray) -> float:
        content, style = self.parts(image)
        return self.alpha * content + self.beta * style


def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(11)
    content, style, image = random.random((3, 3, HEIGHT, WIDTH))
    return content, style, image


def batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image.copy())[None]


@pytest.fixture(scope="module")
def reference(tiny):
    weights = {name: tensor.numpy() for name, tensor in tiny.weights.items()}
    content, style, _ = pictures()
    return Paper(weights, content, style, alpha=1e-3, beta=1.0)


@pytest.fixture(scope="module")
def objective(tiny):
    recipe = named("gatys").changed({"content.weight": 1e-3, "objective.balance": "none"})
    content, style, _ = pictures()
    extractor = tiny.extractor(pooling=VGG19.pooling, padding=VGG19.padding)
    return build_objective(recipe, extractor, batch(content), [batch(style)])


def test_the_recipe_has_the_papers_layers_pooling_and_optimizer():
    recipe = named("gatys")
    assert recipe.content.layers == {CONTENT_LAYER: 1.0}
    assert recipe.style.layers == dict.fromkeys(STYLE_LAYERS, 0.2)
    assert (recipe.network.pooling, VGG19.pooling, VGG19.padding) == ("own", "max", "zeros")
    assert recipe.optimizer.name == "lbfgs"
    assert recipe.optimizer.chosen.average == 0
    assert recipe.total_variation.weight == 0
    assert (recipe.objective.margin, recipe.objective.shifts) == (0, 1)


def test_losses_equal_the_papers_equations(reference, objective):
    _, _, image = pictures()
    losses, _ = objective.value_and_gradient(batch(image))
    content, style = reference.parts(image)
    assert content > 0
    assert style > 0
    assert float(losses.terms["content"]) == pytest.approx(1e-3 * content, rel=1e-9)
    assert float(losses.terms["style"]) == pytest.approx(style, rel=1e-9)
    assert float(losses.total) == pytest.approx(reference.total(image), rel=1e-9)
    assert float(losses.layers[f"content.{CONTENT_LAYER}"]) == pytest.approx(content, rel=1e-9)
    seen = vgg(reference.weights, image)
    for name in STYLE_LAYERS:
        wanted = style_layer_loss(seen[name], reference.style[name])
        assert float(losses.layers[f"style.{name}"]) == pytest.approx(wanted, rel=1e-9)


def test_the_gradient_equals_central_differences_of_the_equations(reference, objective):
    _, _, image = pictures()
    _, gradient = objective.value_and_gradient(batch(image))
    gradient = gradient[0].numpy()
    step, random = 1e-6, np.random.default_rng(3)
    pixels = random.permutation(image.size)[:40]
    wanted = []
    for pixel in pixels:
        move = np.zeros(image.size)
        move[pixel] = step
        move = move.reshape(image.shape)
        wanted.append((reference.total(image + move) - reference.total(image - move)) / (2 * step))
    np.testing.assert_allclose(gradient.ravel()[pixels], wanted, rtol=1e-5, atol=1e-9)


def test_the_gradient_equals_central_differences_along_whole_images(reference, objective):
    _, _, image = pictures()
    _, gradient = objective.value_and_gradient(batch(image))
    random = np.random.default_rng(4)
    for _ in range(5):
        move = random.standard_normal(image.shape)
        step = 1e-7
        slope = reference.total(image + step * move) - reference.total(image - step * move)
        assert float((gradient[0].numpy() * move).sum()) == pytest.approx(
            slope / (2 * step), rel=1e-5
        )


def test_both_losses_vanish_where_the_paper_says(reference, tiny):
    content, style, _ = pictures()
    recipe = named("gatys")
    extractor = tiny.extractor(pooling="max", padding="zeros")
    at_content = build_objective(recipe, extractor, batch(content), [batch(style)])
    assert float(at_content.losses(batch(content)).terms["content"]) == 0
    assert float(at_content.losses(batch(style)).terms["style"]) == 0


def test_equal_balance_is_the_ratio_of_the_papers_gradients_at_a_noise_start(tiny):
    """The lengths of both gradients are taken by central differences of the equations."""
    content, style, image = (picture[:, :16, :16] for picture in pictures())
    weights = {name: tensor.numpy() for name, tensor in tiny.weights.items()}
    reference, step = Paper(weights, content, style, alpha=1, beta=1), 1e-6
    slopes = []
    for pixel in range(image.size):
        move = np.zeros(image.size)
        move[pixel] = step
        move = move.reshape(image.shape)
        up, down = reference.parts(image + move), reference.parts(image - move)
        slopes.append([(u - d) / (2 * step) for u, d in zip(up, down, strict=True)])
    content_pull, style_pull = np.linalg.norm(slopes, axis=0)

    extractor = tiny.extractor(pooling="max", padding="zeros")
    objective = build_objective(named("gatys"), extractor, batch(content), [batch(style)])
    assert content_factor(objective, batch(image)) == pytest.approx(
        style_pull / content_pull, rel=1e-5
    )
