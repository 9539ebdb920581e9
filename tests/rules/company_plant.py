"""A small plant for tests: 10 motors a day of 2 magnets each, 30 motors and 200 magnets in stock: 13 days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kanmon.company.answer import Answer, answer
from kanmon.company.lines import Asked
from kanmon.company.read import read_company
from kanmon.measure.load import find

ON = date(2026, 1, 6)
TABLES = {
    "parts": "part,description,make_buy,unit,hs_code,cost\nP,Servo motor,M,EA,850152,\n"
    'MAG,"Sintered NdFeB magnet segment with dysprosium, N42SH",B,EA,850511,500\n'
    "SCR,Steel screw M3,B,EA,731815,1\n",
    "bom": "parent,child,quantity,uom\nP,MAG,2,EA\nP,SCR,8,EA\n",
    "sources": "part,supplier,share,country of origin,content origin\nMAG,C1,1,CN,CN\nSCR,J1,1,JP,JP\n",
    "suppliers": "supplier,name,country\nC1,Ningbo Magnet Co,CN\nJ1,Neji Co,JP\n",
    "inventory": "part,unrestricted qty,blocked qty,uom,as of\nP,30,0,EA,2026-01-06\n"
    "MAG,200,500,EA,2026-01-06\nSCR,0,0,EA,2026-01-06\n",
    "products": "product,price,weekly demand,gross margin,currency\nP,1000,70,0.3,JPY\n",
    "material_content": "part,substance,mass_share,basis\nMAG,Dy,3 %,mill certificate\n"
    "MAG,Nd,28 %,mill certificate\n",
}


def written(folder: Path, without: Sequence[str] = (), **changed: str) -> Path:
    """The plant's files in a folder, some left out, some with another text."""
    for name, text in (TABLES | changed).items():
        if name not in without:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def answered(folder: Path, without: Sequence[str] = (), ahead: bool | None = None, **changed: str) -> Answer:
    """What the plant is told of the founding measure."""
    company = read_company(written(folder, without, **changed), on=ON)
    asked = Asked((find("CN-2026-01"),), ON, "JPN", "plant")
    return answer(company, asked, ("in_force",), ahead=ahead)
