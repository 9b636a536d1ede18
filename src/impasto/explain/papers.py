"""The papers behind the recipe: which of them a run stands on."""

from dataclasses import dataclass

from impasto.recipe import Recipe


@dataclass(frozen=True)
class Paper:
    """A paper, and what is taken from it."""

    authors: str
    year: int
    title: str
    venue: str
    taken: str


GATYS_TEXTURE = Paper(
    "L. A. Gatys, A. S. Ecker, M. Bethge",
    2015,
    "Texture Synthesis Using Convolutional Neural Networks",
    "NeurIPS",
    "Gram matrices describe a texture; a texture is rebuilt from them.",
)
GATYS = Paper(
    "L. A. Gatys, A. S. Ecker, M. Bethge",
    2016,
    "Image Style Transfer Using Convolutional Neural Networks",
    "CVPR",
    "The method: one loss for content, one for style, and a descent on pixels.",
)
VGG = Paper(
    "K. Simonyan, A. Zisserman",
    2014,
    "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    "arXiv:1409.1556",
    "The network, whose layers are named here as in the paper.",
)
INVERTING = Paper(
    "A. Mahendran, A. Vedaldi",
    2015,
    "Understanding Deep Image Representations by Inverting Them",
    "CVPR",
    "Content rebuilt from one layer, and total variation to keep it smooth.",
)
MAXIMIZING = Paper(
    "D. Erhan, Y. Bengio, A. Courville, P. Vincent",
    2009,
    "Visualizing Higher-Layer Features of a Deep Network",
    "University of Montreal, technical report 1341",
    "Activation maximization: the image that a channel would like best.",
)
ADAM = Paper(
    "D. P. Kingma, J. Ba",
    2015,
    "Adam: A Method for Stochastic Optimization",
    "ICLR",
    "The update of the pixels.",
)
LBFGS = Paper(
    "D. C. Liu, J. Nocedal",
    1989,
    "On the Limited Memory BFGS Method for Large Scale Optimization",
    "Mathematical Programming 45",
    "The update of the pixels, as Gatys et al. chose it.",
)
WASSERSTEIN = Paper(
    "C. R. Givens, R. M. Shortt",
    1984,
    "A Class of Wasserstein Metrics for Probability Distributions",
    "Michigan Mathematical Journal 31",
    "The distance between two Gaussians of feature vectors.",
)
SLICED = Paper(
    "E. Heitz, K. Vanhoey, T. Chambon, L. Belcour",
    2021,
    "A Sliced Wasserstein Loss for Neural Texture Synthesis",
    "CVPR",
    "Whole distributions of features, compared by projections.",
)
NEAREST = Paper(
    "N. Kolkin, M. Kucera, S. Paris, D. Sykora, E. Shechtman, G. Shakhnarovich",
    2022,
    "Neural Neighbor Style Transfer",
    "arXiv:2203.13215",
    "Each feature vector is drawn to its nearest in the style.",
)
SIMILARITY = Paper(
    "N. Kolkin, J. Salavon, G. Shakhnarovich",
    2019,
    "Style Transfer by Relaxed Optimal Transport and Self-Similarity",
    "CVPR",
    "Content as how alike the features of two positions are.",
)
HISTOGRAMS = Paper(
    "E. Risser, P. Wilmot, C. Barnes",
    2017,
    "Stable and Controllable Neural Texture Synthesis and Style Transfer Using Histogram Losses",
    "arXiv:1701.08893",
    "The histograms of channels beside the style term.",
)
LAPLACIAN = Paper(
    "S. Li, X. Xu, L. Nie, T.-S. Chua",
    2017,
    "Laplacian-Steered Neural Style Transfer",
    "ACM Multimedia",
    "The lines of the content, kept by the Laplacian of its pixels.",
)

_STYLES = {"wasserstein": WASSERSTEIN, "sliced": SLICED, "nearest": NEAREST}


def papers(recipe: Recipe) -> tuple[Paper, ...]:
    """List the papers behind a recipe and this lesson, oldest first."""
    found = {GATYS_TEXTURE, GATYS, VGG, INVERTING, MAXIMIZING}
    if recipe.style.statistics in _STYLES:
        found.add(_STYLES[recipe.style.statistics])
    if recipe.content.statistics == "self-similarity":
        found.add(SIMILARITY)
    if recipe.histogram.weight > 0:
        found.add(HISTOGRAMS)
    if recipe.laplacian.weight > 0:
        found.add(LAPLACIAN)
    if recipe.optimizer.name == "adam":
        found.add(ADAM)
    if recipe.optimizer.name == "lbfgs":
        found.add(LBFGS)
    return tuple(sorted(found, key=lambda paper: (paper.year, paper.title)))
