"""
The sixteen colours a chart is made of, dark and light: a pixel is half a byte, which keeps the file small.

Eleven are drawn with. The rest are shades towards the ground, what smooth edges of text and lines are made of.
"""

from dataclasses import astuple, dataclass

from PIL import Image

Colour = tuple[int, int, int]

SHADES = (
    ("ink", 0.22),
    ("ink", 0.42),
    ("support", 0.5),
    ("resistance", 0.5),
    ("line", 0.5),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """`up` and `down` never stand alone: shape, place or sign says the same."""

    ground: Colour
    grid: Colour
    dim: Colour
    ink: Colour
    up: Colour
    down: Colour
    support: Colour
    resistance: Colour
    support_band: Colour
    resistance_band: Colour
    line: Colour


DARK = Theme(
    ground=(18, 21, 29),
    grid=(44, 50, 64),
    dim=(158, 166, 184),
    ink=(240, 242, 247),
    up=(52, 199, 148),
    down=(246, 96, 108),
    support=(120, 170, 255),
    resistance=(246, 180, 74),
    support_band=(34, 50, 84),
    resistance_band=(72, 54, 26),
    line=(196, 160, 255),
)
LIGHT = Theme(
    ground=(255, 255, 255),
    grid=(226, 230, 238),
    dim=(92, 101, 120),
    ink=(23, 27, 38),
    up=(8, 140, 98),
    down=(206, 44, 66),
    support=(30, 94, 214),
    resistance=(158, 92, 0),
    support_band=(219, 231, 253),
    resistance_band=(253, 236, 208),
    line=(118, 64, 200),
)


def theme(*, dark: bool) -> Theme:
    return DARK if dark else LIGHT


def mixed(colour: Colour, ground: Colour, share: float) -> Colour:
    """`share` of the colour, the rest ground."""
    red, green, blue = (
        round(c * share + g * (1 - share)) for c, g in zip(colour, ground, strict=True)
    )
    return red, green, blue


def palette(look: Theme) -> Image.Image:
    """Every colour of the theme and the shades: what a drawing is reduced to."""
    shades = [mixed(getattr(look, name), look.ground, share) for name, share in SHADES]
    image = Image.new("P", (1, 1))
    image.putpalette([part for colour in (*astuple(look), *shades) for part in colour])
    return image
