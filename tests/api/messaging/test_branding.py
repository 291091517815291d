"""A clinic's colour can be read on, and its logo is a picture and nothing more."""

import pytest

from api.messaging.branding import contrast_with_white, plain_svg, readable

PLAIN = (
    '<?xml version="1.0" encoding="UTF-8"?><!-- drawn by hand -->'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' viewBox="0 0 8 8"><title>Lakeside</title><defs><linearGradient id="a">'
    '<stop offset="0" stop-color="#fff"/></linearGradient></defs>'
    '<path d="M0 0h8v8z" fill="url(#a)"/><use xlink:href="#a"/></svg>'
)


def svg(inside: str, *, attributes: str = "") -> bytes:
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>'
    return f"{start}{inside}</svg>".encode()


@pytest.mark.parametrize(
    ("colour", "contrast"),
    [("#000000", 21.0), ("#ffffff", 1.0), ("#767676", 4.54), ("#0A625E", 7.2)],
)
def test_contrast_is_that_of_the_standard(colour: str, contrast: float) -> None:
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.05)


def test_readable_colour_is_written_in_lower_case() -> None:
    assert readable("#0A625E") == "#0a625e"


@pytest.mark.parametrize("colour", ["#777777", "#ffcc00", "#7ed0c8"])
def test_colour_that_is_too_light_is_refused_with_its_contrast(colour: str) -> None:
    with pytest.raises(ValueError, match=r"contrast of \d\.\d; at least 4\.5"):
        readable(colour)


@pytest.mark.parametrize("colour", ["teal", "#0a6", "#0a625g", "#0a625e;}", "0a625e", ""])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        readable(colour)


def test_plain_picture_is_taken_as_it_is() -> None:
    assert plain_svg(PLAIN.encode()) == PLAIN.encode()


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (svg("<script>alert(1)</script>"), "<script>"),
        (svg("<foreignObject><p>hello</p></foreignObject>"), "<foreignObject>"),
        (svg('<image href="https://elsewhere.example/a.png"/>'), "<image>"),
        (svg('<a href="#a"><path d="M0 0"/></a>'), "<a>"),
        (svg("<style>path{fill:red}</style>"), "<style>"),
        (svg('<animate attributeName="href"/>'), "<animate>"),
        (svg('<h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script>'), "<script>"),
        (svg("", attributes='onload="alert(1)"'), "onload"),
        (svg('<path style="fill:red"/>'), "style"),
        (svg('<use href="https://elsewhere.example/a.svg#a"/>'), "nothing outside"),
        (svg('<use href="data:image/svg+xml,x"/>'), "nothing outside"),
        (svg('<path fill="url(https://elsewhere.example/a)"/>'), "nothing outside"),
        (svg('<path fill="u\\72l(//elsewhere.example)"/>'), "nothing outside"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"), "document type"),
        (b'<?xml-stylesheet href="a.css"?>' + svg(""), "style sheets"),
        (svg("<path>"), "well-formed"),
        (b"<html/>", "an SVG file"),
        (PLAIN.encode("utf-16"), "UTF-8"),
        (svg(" " * 40_000), "32 kB"),
    ],
)
def test_picture_that_does_more_is_refused_with_the_reason(picture: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plain_svg(picture)
