"""The key of a record of SomaFractalMemory: the namespace and the canonical coord of its memory."""

import re

COMPONENT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
MAX_SIGNIFICANT_DIGITS = 15


def memory_key(namespace: str, coord: str) -> str:
    return f"{namespace}/{canonical_coord(coord)}"


def canonical_coord(coord: str) -> str:
    """Numbers in their shortest spelling when every component is one; a name as it stands."""
    components = [canonical_component(part) for part in coord.split(",")]
    return coord if None in components else ",".join(components)


def canonical_component(text: str) -> str | None:
    match = COMPONENT.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    decimals = fraction.rstrip("0")
    significant = len((whole + decimals).lstrip("0"))
    if significant > MAX_SIGNIFICANT_DIGITS:
        return None
    if significant == 0:
        return "0"
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
