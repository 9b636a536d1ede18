"""Style reached, as the network's statistics: means and covariances of feature maps."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.losses.moments import MomentsLoss
from impasto.metrics.distance import Distance
from impasto.metrics.network import FeatureExtractor
from impasto.metrics.planes import check_image
from impasto.metrics.sizes import same_area

MOMENT_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@torch.no_grad()
def moments_distance(
    image: Tensor,
    style: Tensor,
    extractor: FeatureExtractor,
    layers: Sequence[str] = MOMENT_LAYERS,
) -> Distance:
    """How far the mean and covariance of features are from the style's: 0 for the same.

    The total is the sum over layers; each layer adds the squared distance of means and that of
    covariances, each over the squared size of the style's own (`MomentsLoss("relative")`).

    Args:
        image: (1, 3, H, W), sRGB in [0, 1].
        style: likewise; brought to the image's area.
        extractor: the judging network. Not the network that made the image: it would be asked
            whether its own objective went down.
        layers: where features are compared.

    Returns:
        The sum, and the distance at each layer.

    Raises:
        ShapeError: not such images, or too small for the deepest layer.
        LayerError: the network has no such layer.

    Source:
        Means and covariances as style: Li, Wang, Liu and Hou 2017, "Demystifying neural style
        transfer"; layers of Gatys, Ecker and Bethge 2016.
    """
    check_image("image", image)
    check_image("style", style)
    loss = MomentsLoss("relative")
    reached, wanted = (
        {name: loss.summarize(maps) for name, maps in extractor(picture, tuple(layers)).items()}
        for picture in (image, same_area(image, style))
    )
    parts = {name: float(loss.distance(reached[name], wanted[name])) for name in layers}
    return Distance(sum(parts.values()), parts)
