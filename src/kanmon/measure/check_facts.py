"""What is known of a shipment, as rules see it: item, parties, end use, route, day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from .check_words import names_lexicon
from .item_match import ItemFinding

Band = Literal["match", "review", "near", "none"]
NO_ITEM = ItemFinding()


@dataclass(frozen=True)
class PartyFinding:
    """What is known of one name: the band of its screening, the listed party it meets, words in it.

    name is kept only where something was found, so that names without a finding are one and the same.
    measure: id of the measure that lists the party, "" where the list is of no measure here.
    """

    given: bool = False
    name: str = ""
    band: Band = "none"
    entity_id: str = ""
    matched_name: str = ""
    listing: str = ""
    measure: str = ""
    listed: date | None = None
    removed: date | None = None
    reason: str = ""
    military: bool = False
    defence: bool = False

    def on_list(self, on: date) -> bool:
        """Whether the listing that the name meets is in effect on a day."""
        return self.listed is not None and self.listed <= on and (self.removed is None or on < self.removed)


@dataclass(frozen=True)
class UseFinding:
    """Classes of end use read off the text (military, wmd, semiconductor ...); given is False for
    nothing and for words that tell nothing ("resale", "general use").
    """

    given: bool = False
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """A shipment as rules see it. Countries are alpha-3, "" where not known.

    made_of: countries named in the composition; others_given: whether the cell of other parties was
    filled, be it with "none".
    """

    item: ItemFinding = NO_ITEM
    user: PartyFinding = PartyFinding()
    others: tuple[PartyFinding, ...] = ()
    others_given: bool = False
    use: UseFinding = UseFinding()
    origin: str = ""
    exporter: str = ""
    ship_from: str = ""
    ship_to: str = ""
    made_of: frozenset[str] = frozenset()

    @property
    def parties(self) -> tuple[PartyFinding, ...]:
        """End user first, then the others."""
        return (self.user, *self.others)


Screen = Callable[[str], tuple[PartyFinding, ...]]
"""A name -> the listed parties it meets, the weightiest first; empty where it meets none."""


def read_party(name: str, screen: Screen) -> tuple[PartyFinding, ...]:
    """A name with its screening and the words in it that speak of armed forces or defence makers.

    The first finding stands for the name; more follow where several lists name it.
    """
    if not name:
        return (PartyFinding(),)
    tags = names_lexicon("names").tags(name)
    if "unclear" in tags and names_lexicon("names").only(name, "unclear"):
        return (PartyFinding(),)
    found = screen(name)
    military, defence = "military" in tags, "defence" in tags
    if not found:
        known = military or defence
        return (PartyFinding(given=True, name=name if known else "", military=military, defence=defence),)
    first = replace(found[0], given=True, name=name, military=military, defence=defence)
    return (first, *(replace(more, given=True, name=name) for more in found[1:]))


def read_use(text: str) -> UseFinding:
    """Classes of an end use; words that tell nothing count as not given unless others tell something."""
    if not text:
        return UseFinding()
    tags = names_lexicon("uses").tags(text) - {"harmless"}
    kinds = tags - {"unclear"}
    if "unclear" in tags and names_lexicon("uses").only(text, "unclear"):
        return UseFinding()
    return UseFinding(given=True, kinds=frozenset(kinds))
