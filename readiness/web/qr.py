"""An address as a picture that a phone scans."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import qrcode  # type: ignore[import-untyped]
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]


def qr(address: str) -> str:
    """Return the picture as a ``data:`` address of an SVG image, white behind it."""
    picture = qrcode.make(address, image_factory=SvgPathFillImage, border=2)
    buffer = BytesIO()
    picture.save(buffer)
    return "data:image/svg+xml;base64," + b64encode(buffer.getvalue()).decode()
