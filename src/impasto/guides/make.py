"""From what was given, and what the recipe asks for, to the guides of a job."""

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from impasto.errors import InputError
from impasto.guides import faces
from impasto.guides.guides import Guides, Region
from impasto.guides.labels import check_paired, label_map, shown
from impasto.guides.pairing import paired_regions
from impasto.guides.sources import GuideSources, fitting, read_labels, read_mask
from impasto.guides.subject import subject_mask
from impasto.images.picture import Picture
from impasto.recipe import Recipe
from impasto.recipe_guides import GuideSettings

NO_DETECTOR = (
    "finding faces needs the model YuNet, which is not here: `impasto weights fetch yunet`, or "
    "`impasto weights import yunet FILE` without a network; until then the subject is protected"
)


def make_guides(
    recipe: Recipe, sources: GuideSources, content: Picture, styles: Sequence[Picture]
) -> Guides:
    """Read or find the guides of a job.

    Args:
        recipe: with its sources settled.
        sources: what was given.
        content: the content picture.
        styles: the style pictures.

    Raises:
        InputError: what was given does not fit the recipe or the pictures, or nothing was found.
    """
    settings, warnings = recipe.guides, list[str]()
    _check_given(settings, sources)
    if settings.pair == "masks" and recipe.style.mix:
        raise InputError("style masks say where each style goes: leave style.mix out")
    if settings.protect == "faces" and sources.detector is None:
        settings = replace(settings, protect="subject")
        warnings.append(NO_DETECTOR)
    protection = _protection(settings, sources, content, warnings)
    if protection is not None:
        protection = protection * settings.amount
    regions = _regions(settings, sources, content, styles, warnings)
    return Guides(protection, regions, settings.feather, tuple(warnings), settings)


def _check_given(settings: GuideSettings, sources: GuideSources) -> None:
    """Refuse guides that the recipe does not ask for, and the other way round."""
    given = {
        "protect = mask": (sources.protect is not None, settings.protect == "mask", "--protect"),
        "pair = labels": (bool(sources.regions), settings.pair == "labels", "--regions"),
        "pair = masks": (bool(sources.style_masks), settings.pair == "masks", "--style-mask"),
    }
    for setting, (is_given, is_asked, option) in given.items():
        if is_asked and not is_given:
            raise InputError(
                f"the recipe has guides.{setting}, and none was given: add {option}, or set "
                f"guides.{setting.split()[0]} to none"
            )
        if is_given and not is_asked:
            raise InputError(
                f"{option} is given, and the recipe does not use it: expected guides.{setting}; "
                "regions come from label maps, from style masks or from pair = auto, not from two"
            )


def _protection(
    settings: GuideSettings, sources: GuideSources, content: Picture, warnings: list[str]
) -> Tensor | None:
    if settings.protect == "subject":
        return subject_mask(content)
    if settings.protect == "faces" and sources.detector is not None:
        return faces.face_mask(content, sources.detector)
    if sources.protect is None:
        return None
    mask, name = read_mask(sources.protect, "the mask of what is protected", sources.pixel_limit)
    warnings += fitting(mask, name, content, "the content picture")
    if float(mask.min()) == 1:
        raise InputError(f"{name} is white everywhere: expected black where a style may go")
    return mask


def _regions(
    settings: GuideSettings,
    sources: GuideSources,
    content: Picture,
    styles: Sequence[Picture],
    warnings: list[str],
) -> tuple[Region, ...]:
    if settings.pair == "labels":
        return _labeled(sources, content, styles, warnings)
    if settings.pair == "masks":
        return _masked(sources, content, len(styles), warnings)
    if settings.pair == "auto":
        return paired_regions(content, styles, settings.regions)
    return ()


def _labeled(
    sources: GuideSources, content: Picture, styles: Sequence[Picture], warnings: list[str]
) -> tuple[Region, ...]:
    if len(sources.regions) != 1 + len(styles):
        raise InputError(
            f"expected {1 + len(styles)} label maps, of the content and of each style, got "
            f"{len(sources.regions)}"
        )
    names = ["the label map of the content", *(f"label map {n + 1}" for n in range(len(styles)))]
    maps = []
    for source, name, picture in zip(sources.regions, names, [content, *styles], strict=True):
        values, known = read_labels(source, name, sources.pixel_limit)
        warnings += fitting(values, known, picture, "its picture")
        maps.append(label_map(values, known))
    check_paired(maps[0], maps[1:])
    found = []
    for label in maps[0].labels:
        parts = {at: mask for at, m in enumerate(maps[1:]) if (mask := m.mask(label)) is not None}
        where = maps[0].mask(label)
        assert where is not None
        found.append(Region(f"region {shown(label)}", where, parts))
    return tuple(found)


def _masked(
    sources: GuideSources, content: Picture, styles: int, warnings: list[str]
) -> tuple[Region, ...]:
    if len(sources.style_masks) != styles:
        raise InputError(
            f"expected one style mask for each of {styles} styles, got {len(sources.style_masks)}"
        )
    found = []
    for at, source in enumerate(sources.style_masks):
        mask, name = read_mask(source, f"style mask {at + 1}", sources.pixel_limit)
        warnings += fitting(mask, name, content, "the content picture")
        found.append(Region(name, mask, {at: None}))
    return tuple(found)
