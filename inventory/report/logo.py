"""An organisation's logo as a picture of openpyxl's, without the imaging library it would otherwise ask for."""

from __future__ import annotations

from typing import Any

from inventory.report.template import png_size

HIGH, WIDE = 40, 200  # pixels at most, at the right of the title
RIGHT_EDGE = 575  # points from where column D starts
POINT, PIXEL = 12700, 9525  # EMU


def picture(png: bytes) -> Any:
    """The picture, scaled, at the upper right of the summary. Raise ``InvalidRequest`` if it is no PNG."""
    from openpyxl.drawing.image import Image
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
    from openpyxl.drawing.xdr import XDRPositiveSize2D

    class Logo(Image):
        def __init__(self) -> None:
            self.ref, self.format = png, "png"

        def _data(self) -> bytes:
            return png

    wide, high = png_size(png)
    scale = min(HIGH / high, WIDE / wide)
    size = int(wide * scale * PIXEL), int(high * scale * PIXEL)
    made = Logo()
    marker = AnchorMarker(col=3, colOff=RIGHT_EDGE * POINT - size[0], row=0, rowOff=2 * POINT)
    made.anchor = OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(*size))
    return made
