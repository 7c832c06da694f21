"""How well typed letters fit a title, and which of its letters they are."""

from __future__ import annotations

from dataclasses import dataclass

_WHOLE, _START, _INITIALS, _INSIDE, _SCATTERED = 100, 60, 45, 40, 10


@dataclass(frozen=True, slots=True)
class Fit:
    """A title that fits.

    Attributes:
        score: More is better; comparable between titles for the same words.
        places: Letters of the title that were meant, ascending.
    """

    score: int
    places: tuple[int, ...]


def fit(wanted: str, title: str, also: str = "") -> Fit | None:
    """How `wanted` fits a title; None when a word of it is not there.

    Each word must be in the title, best at the start of a word, at worst as letters in
    that order; or, whole, in `also`, where it counts least.
    """
    folded, other = title.lower(), also.lower()
    score, places = 0, set[int]()
    for word in wanted.lower().split():
        found = _word(word, folded)
        if found is None and word in other:
            continue
        if found is None:
            return None
        score += found.score
        places.update(found.places)
    return Fit(10 * score - len(title), tuple(sorted(places)))


def _word(word: str, text: str) -> Fit | None:
    at = text.find(word)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            end = at + len(word)
            whole = end == len(text) or not text[end].isalnum()
            bonus = 5 if at == 0 else 0
            return Fit((_WHOLE if whole else _START) + bonus, tuple(range(at, end)))
        at = text.find(word, at + 1)
    return _initials(word, text) or _inside(word, text) or _letters(word, text)


def _inside(word: str, text: str) -> Fit | None:
    at = text.find(word)
    return Fit(_INSIDE, tuple(range(at, at + len(word)))) if at >= 0 else None


def _initials(word: str, text: str) -> Fit | None:
    """The first letters of words, such as "aer" for "Add event ROI"."""
    starts = [
        at for at, one in enumerate(text) if one.isalnum() and not text[at - 1 : at].isalnum()
    ]
    for first in range(len(starts) - len(word) + 1):
        taken = starts[first : first + len(word)]
        if all(text[at] == one for at, one in zip(taken, word, strict=True)):
            return Fit(_INITIALS, tuple(taken))
    return None


def _letters(word: str, text: str) -> Fit | None:
    """All letters in order from the start of a word; as many may be left out as were typed."""
    for first, one in enumerate(text):
        if one == word[0] and not text[first - 1 : first].isalnum():
            places = [first]
            for letter in word[1:]:
                places.append(text.find(letter, places[-1] + 1))
                if places[-1] < 0:
                    break
            else:
                gaps = places[-1] - first + 1 - len(word)
                if gaps <= len(word):
                    return Fit(_SCATTERED - gaps, tuple(places))
    return None
