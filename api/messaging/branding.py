"""How a clinic's page looks: a colour that can be read on, and a logo that is only a picture."""

import re
from typing import Final
from xml.etree import ElementTree as ET

# Source: WCAG 2.2, success criterion 1.4.3 and the definitions of contrast ratio and relative
# luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
LEAST_CONTRAST: Final = 4.5
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_LINEAR_UP_TO: Final = 0.04045
_AMBIENT: Final = 0.05

_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_MOST_BYTES: Final = 32 * 1024
_SVG: Final = "{http://www.w3.org/2000/svg}"
_SHAPES: Final = frozenset(
    {
        *("svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line"),
        *("polyline", "polygon", "text", "tspan", "use", "symbol", "clipPath", "mask"),
        *("linearGradient", "radialGradient", "stop"),
    }
)


def contrast_with_white(colour: str) -> float:
    """How well white text can be read on a colour such as "#0a625e", from 1 to 21.

    Raises:
        ValueError: it is no such colour.
    """
    if not _HEX.fullmatch(colour):
        raise ValueError("a colour is written as # and six hexadecimal digits, like #0a625e")
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = _RED * red + _GREEN * green + _BLUE * blue
    return (1 + _AMBIENT) / (luminance + _AMBIENT)


def readable(colour: str) -> str:
    """The colour, if white text can be read on it.

    Raises:
        ValueError: it is no colour, or too light.
    """
    contrast = contrast_with_white(colour)
    if contrast < LEAST_CONTRAST:
        reason = (
            f"white text on {colour} has a contrast of {contrast:.1f}; at least"
            f" {LEAST_CONTRAST} is needed, so choose a darker colour"
        )
        raise ValueError(reason)
    return colour.lower()


def plain_svg(picture: bytes) -> bytes:
    """The picture, if it is an SVG of shapes and words only: nothing in it runs or is fetched.

    Raises:
        ValueError: it is not; says what is wrong.
    """
    if len(picture) > _MOST_BYTES or b"\0" in picture:
        raise ValueError("a logo is an SVG file in UTF-8 of at most 32 kB")
    if b"<!" in picture.replace(b"<!--", b"") or b"<?xml-stylesheet" in picture:
        raise ValueError("a logo has no document type, entities or style sheets")
    try:
        root = ET.fromstring(picture.decode("utf-8-sig"))  # noqa: S314 -- no entities, see above
    except (ET.ParseError, UnicodeDecodeError):
        raise ValueError("a logo is a well-formed SVG file in UTF-8") from None
    if root.tag != f"{_SVG}svg":
        raise ValueError("a logo is an SVG file")
    for element in root.iter():
        _check(element)
    return picture


def _check(element: ET.Element) -> None:
    name = element.tag.removeprefix(_SVG)
    if name not in _SHAPES:
        reason = f"a logo has shapes and words only, not <{name.rpartition('}')[2]}>"
        raise ValueError(reason)
    for attribute, value in element.attrib.items():
        short = attribute.rpartition("}")[2].lower()
        if short.startswith("on") or short == "style":
            reason = f"a logo has no {short} attribute"
            raise ValueError(reason)
        if _leads_outside(short, value):
            raise ValueError("a logo refers to nothing outside of itself")


def _leads_outside(attribute: str, value: str) -> bool:
    if attribute in {"href", "src", "base"}:
        return not value.strip().startswith("#")
    packed = re.sub(r"\s", "", value.lower())
    return "url(" in packed.replace("url(#", "") or "\\" in packed


def _linear(part: float) -> float:
    if part <= _LINEAR_UP_TO:
        return part / 12.92
    return float(((part + 0.055) / 1.055) ** 2.4)
