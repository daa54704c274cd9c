"""Labels with a QR code, as a page to print on A4: the code holds the tag alone, so any scanner types it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

from inventory.register.fields import Fields
from ops.errors import InvalidRequest


@dataclass(frozen=True)
class Paper:
    """A sheet of labels, all in millimetres. ``left`` and ``top`` are to the first label."""

    columns: int
    rows: int
    width: float
    height: float
    left: float = 0.0
    top: float = 0.0


PAPERS = {
    "24": Paper(3, 8, 70.0, 37.0, 0.0, 0.5),
    "21": Paper(3, 7, 63.5, 38.1, 7.2, 15.1),
    "40": Paper(4, 10, 48.5, 25.4, 8.0, 21.5),
    "65": Paper(5, 13, 38.1, 21.2, 4.7, 10.7),
}
MODULE = 0.4  # millimetres of one dark square at least, so that a phone reads it at arm's length


def page(assets: Sequence[tuple[str, Fields]], paper: str = "24", owner: str = "", skip: int = 0) -> str:
    """One HTML file without anything from outside; ``skip`` leaves out labels that are gone from the first sheet."""
    if paper not in PAPERS:
        raise InvalidRequest(f"there are no sheets of {paper} labels", hint=f"one of {', '.join(PAPERS)}")
    sheet = PAPERS[paper]
    if not 0 <= skip < sheet.columns * sheet.rows:
        raise InvalidRequest(f"a sheet has {sheet.columns * sheet.rows} labels", hint="--skip says how many are gone")
    cells = [""] * skip + [_label(tag, fields, owner, sheet) for tag, fields in assets]
    size = sheet.columns * sheet.rows
    sheets = [cells[start : start + size] for start in range(0, len(cells), size)]
    body = "".join(f"<section>{''.join(f'<div>{cell}</div>' for cell in one)}</section>" for one in sheets)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Labels</title>'
    return f"{head}<style>{_style(sheet)}</style>{body}\n"


def code(text: str) -> str:
    """A QR code as SVG, error correction M, with the quiet zone of four modules that ISO/IEC 18004 asks for."""
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=4, omitsize=True)
    return out.getvalue().decode().strip()


def _label(tag: str, fields: Fields, owner: str, sheet: Paper) -> str:
    name = " ".join(fields[part] for part in ("maker", "model") if fields.get(part)) or fields.get("kind", "")
    serial = f"S/N {fields['serial']}" if fields.get("serial") and sheet.height > 24 else ""
    lines = (owner if sheet.height > 24 else "", name, serial)
    rest = "".join(f"<span>{escape(line)}</span>" for line in lines if line)
    return f"{code(tag)}<p><b>{escape(tag)}</b>{rest}</p>"


def _style(sheet: Paper) -> str:
    side = max(min(sheet.height - 4, sheet.width * 0.45), 29 * MODULE)
    big = 2.6 if sheet.width < 45 else 4.2
    return (
        "@page{size:A4;margin:0}*{box-sizing:border-box}body{margin:0;font-family:sans-serif;color:#000;background:#fff}"
        f"section{{width:210mm;height:296.9mm;padding:{sheet.top}mm 0 0 {sheet.left}mm;display:grid;"
        f"grid-template-columns:repeat({sheet.columns},{sheet.width}mm);"
        f"grid-auto-rows:{sheet.height}mm;column-gap:{_gap(sheet)}mm;break-after:page;overflow:hidden;align-content:start}}"
        "section:last-of-type{break-after:auto}div{display:flex;align-items:center;overflow:hidden;padding:1mm}"
        f"svg{{width:{side:.1f}mm;height:{side:.1f}mm;flex:none}}"
        f"p{{margin:0;min-width:0;font-size:{big * 0.66:.2f}mm;line-height:1.3;overflow-wrap:anywhere}}"
        f"b{{display:block;font-size:{big}mm}}span{{display:block}}"
    )


def _gap(sheet: Paper) -> float:
    """What is left between columns of a sheet that is the same on both sides."""
    rest = 210.0 - 2 * sheet.left - sheet.columns * sheet.width
    return max(0.0, round(rest / (sheet.columns - 1), 2)) if sheet.columns > 1 else 0.0
