"""Where the run starts: the content, noise, gray, or any picture."""

import torch
from torch import Tensor

from impasto.errors import RecipeError
from impasto.images.resize import resize
from impasto.numerics.storage import MEMORY, Storage

NOISE_DEVIATION = 0.1


def initial_image(
    start: str,
    content: Tensor,
    seed: int,
    picture: Tensor | None = None,
    storage: Storage = MEMORY,
) -> Tensor:
    """Make the image that the first stage starts from.

    Args:
        start: content; gaussian: gray plus noise of deviation 0.1; uniform: noise over all colors;
            gray; or picture.
        content: (1, 3, H, W) in [0, 1], at the size of the first stage.
        seed: of the noise, which is drawn on the CPU so that devices agree.
        picture: (1, 3, h, w), for `picture`; brought to the content's size.
        storage: where an image lies that is made of a picture.

    Raises:
        RecipeError: the start is `picture` and there is none, or is unknown.
    """
    if start == "content":
        return storage.copy(content)
    if start == "gray":
        return torch.full_like(content, 0.5)
    if start == "picture":
        if picture is None:
            raise RecipeError("start = picture needs a picture: give one with --init FILE")
        return resize(picture.to(content.device), *content.shape[-2:], storage=storage)
    generator = torch.Generator().manual_seed(seed)
    if start == "gaussian":
        noise = torch.randn(content.shape, generator=generator) * NOISE_DEVIATION + 0.5
    elif start == "uniform":
        noise = torch.rand(content.shape, generator=generator)
    else:
        raise RecipeError(f"unknown start '{start}'")
    return noise.clamp(0, 1).to(content)
