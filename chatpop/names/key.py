"""The canonical key of a name: two names that look alike have one key, and the key is unique."""

from __future__ import annotations

from typing import Final

FOLDS: Final[tuple[tuple[str, str], ...]] = (
    ("-", ""),
    ("_", ""),
    ("rn", "m"),
    ("w", "vv"),
    ("vv", "w"),
    ("i", "l"),
    ("1", "l"),
    ("0", "o"),
    ("5", "s"),
    ("2", "z"),
    ("8", "b"),
)
"""What is folded into what, in this order, after lower-casing.

Source: the ASCII confusables of Unicode UTS 39 ({l, 1, I}, {O, 0}, {m, rn}) closed over letter case, and the
digits that pass for letters in sans-serif type. ``w`` is spelt out before ``vv`` is folded, so that ``vw``,
``wv`` and ``vvv``, which look alike, end in one key.

Folding twice changes nothing: separators go first, so no digraph appears later; no fold of one character
makes an ``r``, ``n``, ``v`` or ``w``; and neither ``m`` nor ``w`` completes a digraph with its neighbour.
"""

_DIGRAPHS: Final = tuple((source, target) for source, target in FOLDS if len(source + target) == 3)
_SINGLES: Final = str.maketrans({source: target for source, target in FOLDS if len(source + target) < 3})


def canonical_key(name: str) -> str:
    """The key of an ASCII name.

    Raises ValueError for anything else: ``ſ``, ``İ`` or a Cyrillic letter is refused, never folded.
    """
    if not name.isascii():
        raise ValueError("a name is ASCII")
    key = name.lower().replace("-", "").replace("_", "")
    for source, target in _DIGRAPHS:
        key = key.replace(source, target)
    return key.translate(_SINGLES)
