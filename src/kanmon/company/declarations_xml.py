"""Material declarations in XML (IPC-1752A/B, after IEC 62474) as rows of the table of contents.

Elements are told by name without namespace and case (declarations.toml, with sources; not tried on a real
file). A document type or an entity in the file is refused: nothing is fetched and nothing is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ..core.errors import InputError, Problem
from .declarations import Declared, Row, data
from .fields import fold, units

CAS = re.compile(r"(?<!\d)\d{2,7}-\d{2}-\d(?!\d)")
DEEPEST = 200
PER_CENT = {"masspercent": 100.0, "%": 100.0, "percent": 100.0, "wt%": 100.0, "ppm": 1e6}
"""Unit of a share -> how many of it are the whole."""


@dataclass
class Node:
    """One element: folded local name, folded attributes, text, children."""

    name: str
    told: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def below(self) -> Iterator[Node]:
        """Every element under this one, in order."""
        for child in self.children:
            yield child
            yield from child.below()


def parse(source: bytes, where: str) -> Node:
    """The tree of an XML text. InputError where it is none, or where it declares a type or an entity."""
    root = Node("", {})
    stack = [root]

    def start(name: str, told: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise InputError(Problem(f"XML nested more than {DEEPEST} deep", where))
        node = Node(_local(name), {_local(k): v for k, v in told.items()})
        stack[-1].children.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop()

    def text(chunk: str) -> None:
        stack[-1].text += chunk

    def refuse(*_told: object) -> None:
        why = "a document type can name files and entities to be put in"
        raise InputError(
            Problem("XML with a document type is not read", where, why, "take out the <!DOCTYPE ...>")
        )

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler, reader.CharacterDataHandler = start, end, text
    reader.StartDoctypeDeclHandler = reader.EntityDeclHandler = refuse
    try:
        reader.Parse(source, True)
    except expat.ExpatError as error:
        raise InputError(Problem("not XML that can be read", where, str(error))) from error
    return root


def _local(name: str) -> str:
    return fold(name.rsplit(":", 1)[-1].rsplit("}", 1)[-1])


def read_xml(source: bytes, file: str) -> Declared:
    """What a declaration says of each product: substances with mass or share, as declared.

    A share is one of the material it stands in; with several materials in a product it says nothing of the
    whole, and is turned into a mass where the mass of the material is told, else left out.
    """
    root = parse(source, file)
    told = data()["xml"]
    day = next(
        (v for n in root.below() for k, v in _facts(n).items() if k in told["date"] and v[:2].isdigit()), ""
    )
    rows: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    for number, (product, inside) in enumerate(_products(root), start=1):
        part = _identity(product)
        if not part:
            problems.append(Problem("a product without a number", file, fix="its substances were left out"))
            continue
        materials = [n for n in inside if n.name in told["material"]]
        whole = len(materials) < 2
        for material in materials or [product]:
            held = _mass(material)
            within = [n for n in material.below() if n.name in (*told["substance"], *told["group"])]
            for node in within:
                if node.name in told["group"] and any(n in within for n in node.below()):
                    continue
                row = _substance(node, held, whole=whole)
                if row:
                    rows.append(
                        (
                            number,
                            {"part": part, "basis": "declaration", "date": day[:10], "document": file} | row,
                        )
                    )
    if not rows:
        problems.append(
            Problem(
                "no substance was found in the declaration",
                file,
                "its elements have other names",
                "see declarations",
            )
        )
    return Declared("XML after IPC-1752 or IEC 62474", tuple(rows), tuple(problems))


def _products(root: Node) -> Iterator[tuple[Node, list[Node]]]:
    """Products with the elements under them that belong to no product inside."""
    kinds = data()["xml"]["product"]

    def own(node: Node) -> Iterator[Node]:
        for child in node.children:
            if child.name not in kinds:
                yield child
                yield from own(child)

    for node in root.below():
        if node.name in kinds:
            inside = list(own(node))
            if any(n.name in data()["xml"]["substance"] for n in inside):
                yield node, inside


def _facts(node: Node) -> dict[str, str]:
    """Attributes of an element, and the texts of the children that have nothing below them."""
    leaves = {c.name: c.text.strip() for c in node.children if not c.children and c.text.strip()}
    return leaves | node.told


def _identity(product: Node) -> str:
    """The number of a product: its own attributes first, then those of an identity under it."""
    names = data()["xml"]["identity"]
    for node in (product, *(c for c in product.children if "id" in c.name)):
        facts = _facts(node)
        found = next((facts[name].strip() for name in names if facts.get(name, "").strip()), "")
        if found:
            return found
    return ""


def _substance(node: Node, held: float | None, *, whole: bool) -> Row | None:
    """Cells of one substance; None where it has neither a name nor a CAS number."""
    told = data()["xml"]
    facts = _facts(node)
    texts = [*facts.values(), *(v for n in node.below() for v in (*n.told.values(), n.text))]
    cas = next((hit[0] for text in texts if (hit := CAS.search(text))), "")
    name = next((facts[key].strip() for key in told["name"] if facts.get(key, "").strip()), "")
    known = data()["cas"].get(cas, "")
    if not (name or cas):
        return None
    grams, share = _mass(node), _share(node)
    if grams is None and share is not None and held is not None:
        grams = share * held
    row = {"substance": known or name or cas, "cas": cas}
    if grams is not None:
        row["grams_per_unit"] = f"{grams:.9g}"
    if share is not None and whole:
        row["mass_share"] = f"{100 * share:.9g}%"
    return row


def _mass(node: Node) -> float | None:
    """Grams that an element tells of itself, directly or in a child for amounts."""
    return _amount(node, "amount", mass=True)


def _share(node: Node) -> float | None:
    """Share of the whole (0 to 1) that an element tells of itself."""
    told = _amount(node, "share", mass=False)
    return told if told is not None else _amount(node, "amount", mass=False)


def _amount(node: Node, kind: str, *, mass: bool) -> float | None:
    names = data()["xml"][kind]
    for child in (c for c in node.children if c.name in names):
        facts = _facts(child)
        number = _number(facts, child.text)
        unit = next((facts[u] for u in data()["xml"]["unit"] if u in facts), "")
        if number is not None:
            return _grams(number, unit) if mass else _part(number, unit, bare=kind == "share")
    facts = node.told
    number = next((n for key in names if (n := _float(facts.get(key, ""))) is not None), None)
    if number is None:
        return None
    unit = next((facts[u] for u in data()["xml"]["unit"] if u in facts), "")
    return _grams(number, unit) if mass else _part(number, unit, bare=kind == "share")


def _number(facts: Mapping[str, str], text: str) -> float | None:
    told = next((facts[key] for key in data()["xml"]["value"] if key in facts), text)
    return _float(told)


def _float(text: str) -> float | None:
    try:
        number = float(text.strip())
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _grams(number: float, unit: str) -> float | None:
    found = units().get(fold(unit))
    return number * found.factor if found and found.kind == "mass" else None


def _part(number: float, unit: str, *, bare: bool) -> float | None:
    """A share as a part of one; without a unit it is in per cent of mass, as the schema has it."""
    scale = PER_CENT.get(unit.strip().casefold(), 100.0 if bare and not unit else None)
    share = number / scale if scale else None
    return share if share is not None and share <= 1 else None
