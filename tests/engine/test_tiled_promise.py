"""What tiles promise, on the network and the kind of picture that people use.

The tests beside this one look for mistakes with random networks on noise, whose own rounding is
large; here the promise itself is held: on the shipped network a tiled evaluation is that of the
whole image, to 1e-6 in the losses and 1e-5 in the gradient (bf16: 1e-2; float64: 1e-10, but for
Wasserstein-2: the root of a covariance magnifies the rounding of its smallest eigenvalues).
"""

from importlib.resources import files

import pytest
import torch
from torch.nn import functional

from impasto.engine.framing import Framing
from impasto.engine.objective import Objective
from impasto.engine.targets import content_target, free_target, style_target
from impasto.engine.tiled.objective import TiledObjective
from impasto.features import networks
from impasto.images.codec import decode
from impasto.images.resize import resize
from impasto.losses.content import ContentLoss
from impasto.losses.gram import GramLoss
from impasto.losses.laplacian import LaplacianLoss
from impasto.losses.moments import MomentsLoss
from impasto.losses.term import Term
from impasto.losses.total_variation import TotalVariationLoss
from impasto.losses.wasserstein import WassersteinLoss

LAYERS = {f"relu{block}_1": 1.0 for block in range(1, 6)}
SIZE = (150, 203)  # odd, so that pooling leaves something over
TERMS = {
    "gram": (Term("style", GramLoss("relative"), LAYERS, combine="root"),),
    "moments": (Term("style", MomentsLoss("relative"), LAYERS, combine="root"),),
    "wasserstein": (Term("style", WassersteinLoss("relative"), LAYERS, combine="root"),),
    "content": (Term("content", ContentLoss("relative"), {"relu4_2": 1.0}),),
    "laplacian": (Term("laplacian", LaplacianLoss(), {"pixels": 1.0}),),
    "variation": (Term("total_variation", TotalVariationLoss(), {"pixels": 1.0}),),
    "recipe": (
        Term("content", ContentLoss("relative"), {"relu4_2": 1.0}, 1.2),
        Term("style", WassersteinLoss("relative"), LAYERS, combine="root"),
        Term("total_variation", TotalVariationLoss(), {"pixels": 1.0}, 0.1),
    ),
}
BOUNDS = {
    torch.float32: (1e-6, 1e-5),
    torch.bfloat16: (1e-2, 1e-2),
    torch.float64: (1e-10, 1e-10),
}


def sample(name: str, dtype: torch.dtype) -> torch.Tensor:
    path = files("impasto") / "samples" / f"{name}.jpg"
    return resize(decode(str(path)).batch, *SIZE).to(torch.promote_types(dtype, torch.float32))


@pytest.mark.parametrize("dtype", BOUNDS, ids=str)
@pytest.mark.parametrize("name", TERMS)
def test_the_shipped_network(name, dtype):
    extractor = networks.load("pocket-v1").extractor(dtype=dtype)
    framing, content, style = Framing(16, 4), sample("harbor", dtype), sample("strokes", dtype)
    targets = []
    for term in TERMS[name]:
        if term.name == "style":
            targets.append(style_target(extractor, term, [style]))
        elif term.name == "total_variation":
            targets.append(free_target(term))
        else:
            targets.append(content_target(extractor, term, content, framing))
    image = (content + style) / 2
    image = image + 0.1 * functional.avg_pool2d(image.flip(-1), 3, 1, 1)
    whole, gradient = Objective(extractor, targets, framing).value_and_gradient(image, phase=1)
    tiled = TiledObjective(extractor, targets, framing, tile=96)
    assert tiled.divides(SIZE)
    losses, tiled_gradient = tiled.value_and_gradient(image, phase=1)
    loss_bound, gradient_bound = BOUNDS[dtype]
    if dtype is torch.float64 and name in ("wasserstein", "recipe"):
        loss_bound = gradient_bound = 1e-8
    for key, value in whole.layers.items():
        assert float(losses.layers[key]) == pytest.approx(float(value), rel=loss_bound)
    assert float(losses.total) == pytest.approx(float(whole.total), rel=loss_bound)
    apart = torch.linalg.vector_norm(tiled_gradient.double() - gradient.double())
    assert float(apart / torch.linalg.vector_norm(gradient.double())) < gradient_bound
