"""A picture in the making: text, boxes, smooth lines, hatching; and the PNG of it."""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.render.chart_palette import Colour, Theme, palette

WIDTH, HEIGHT = 1080, 675  # three pixels for each of a small phone
MARGIN = 24
TITLE, LABEL, SMALL = 42, 31, 27  # a third of it on that phone
SMALLEST = 28  # a title shrinks to this before it is cut
SMOOTH = 2  # lines are drawn so many times larger, then reduced
FONT = Path(__file__).with_name("fonts") / "Roboto-Medium.ttf"

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Latin, Greek and Cyrillic with a true minus; read from its file once per size."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, size: int = LABEL) -> int:
    return round(font(size).getlength(text))


def cut(text: str, size: int, room: float) -> str:
    """As much of the text as there is room for, an ellipsis where the rest was."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


class Canvas:
    """Coordinates are pixels from the top left. Where a text stands is said by Pillow's two-letter anchors."""

    def __init__(self, look: Theme) -> None:
        self.look = look
        self._image = Image.new("RGB", (WIDTH, HEIGHT), look.ground)
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self, at: Point, text: str, colour: Colour, size: int = LABEL, anchor: str = "lm"
    ) -> None:
        self._draw.text(at, text, fill=colour, font=font(size), anchor=anchor)

    def fitted(self, at: Point, text: str, colour: Colour, size: int, room: int) -> None:
        """One line, smaller if it must be, cut if even that is not enough."""
        while size > SMALLEST and width(text, size) > room:
            size -= 2
        self.text(at, cut(text, size, room), colour, size, "ls")

    def box(self, box: Box, colour: Colour) -> None:
        self._draw.rectangle(_upright(box), fill=colour)

    def frame(self, box: Box, colour: Colour, thick: int = 2) -> None:
        """Hollow: the ground shows inside, whatever was there before."""
        self._draw.rectangle(_upright(box), fill=self.look.ground, outline=colour, width=thick)

    def tag(self, box: Box, colour: Colour) -> None:
        self._draw.rounded_rectangle(_upright(box), 6, fill=colour)

    def across(self, left: float, right: float, y: float, colour: Colour, thick: int = 1) -> None:
        self._draw.line((left, y, right, y), fill=colour, width=thick)

    def upright(self, x: float, top: float, bottom: float, colour: Colour, thick: int = 2) -> None:
        self._draw.line((x, top, x, bottom), fill=colour, width=thick)

    def dashes(self, left: float, right: float, y: float, colour: Colour, thick: int = 2) -> None:
        for x in range(round(left), round(right), 14):
            self._draw.line((x, y, min(x + 7, right), y), fill=colour, width=thick)

    def hatched(self, box: Box, colour: Colour) -> None:
        """A hollow box filled with slanted lines."""
        self.frame(box, colour)
        left, top, right, bottom = (round(edge) for edge in _upright(box))
        mask = Image.new("1", (right - left + 1, bottom - top + 1))
        pen = ImageDraw.Draw(mask)
        for x in range(-mask.height, mask.width, 12):
            pen.line((x, mask.height, x + mask.height, 0), fill=1, width=4)
        self._image.paste(colour, (left, top), mask)

    def line(self, points: Sequence[Point], colour: Colour, thick: int = 4) -> None:
        """Smooth, through all points."""
        if len(points) < 2:
            return
        left = round(min(x for x, _ in points)) - thick
        top = round(min(y for _, y in points)) - thick
        right, bottom = max(x for x, _ in points) + thick, max(y for _, y in points) + thick
        size = (round(right - left) + 1) * SMOOTH, (round(bottom - top) + 1) * SMOOTH
        mask = Image.new("L", size)
        large = [((x - left) * SMOOTH, (y - top) * SMOOTH) for x, y in points]
        ImageDraw.Draw(mask).line(large, fill=255, width=thick * SMOOTH, joint="curve")
        self._image.paste(colour, (left, top), mask.reduce(SMOOTH))

    def png(self) -> bytes:
        reduced = self._image.quantize(palette=palette(self.look), dither=Image.Dither.NONE)
        file = BytesIO()
        reduced.save(file, "PNG")
        return file.getvalue()


def _upright(box: Box) -> Box:
    """Pillow refuses a box whose edges are swapped."""
    left, top, right, bottom = box
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)
