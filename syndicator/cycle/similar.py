"""Files that were probably meant where a picture's file is not there."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

from syndicator.doors import files

ENDINGS: Final = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png", ".apng"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/avif": (".avif",),
    "image/svg+xml": (".svg",),
}
KNOWN_ENDINGS: Final = frozenset(ending for endings in ENDINGS.values() for ending in endings)
_ALIKE: Final = 0.8  # as difflib measures it: one letter of five may be wrong


class Similar(NamedTuple):
    """A file that was probably meant; ``sure`` where only capitals differ."""

    path: str
    sure: bool
    instead: str  # the path that was looked for, below the same root


class _Names(NamedTuple):
    """What lies in a folder: all names by their letters without capitals, and the pictures'."""

    folded: dict[str, list[str]]
    pictures: list[str]


@dataclass(slots=True)
class Nearby:
    """Looks for such files; lists a folder once, however many pictures are missing in it."""

    _folders: dict[Path, _Names] = field(default_factory=dict)
    _found: dict[tuple[Path, str], Similar | None] = field(default_factory=dict)

    def find(self, root: Path, relative: str) -> Similar | None:
        """Return the file whose name differs only in capitals, or in little, or not at all."""
        key = (root, relative)
        if key not in self._found:
            self._found[key] = self._find(root, relative)
        return self._found[key]

    def _find(self, root: Path, relative: str) -> Similar | None:
        folder, sure = root, True
        found: list[str] = []
        steps = relative.split("/")
        for at, step in enumerate(steps, start=1):
            if step in {"", ".", ".."}:
                return None
            if files.holds(folder, step):
                found.append(step)
            else:
                names = self._names(folder)
                same = names.folded.get(step.casefold(), [])
                last = at == len(steps) and len(same) != 1
                close = get_close_matches(step, names.pictures, n=1, cutoff=_ALIKE) if last else []
                if len(same) != 1 and not close:
                    return None
                sure = sure and len(same) == 1
                found.append((same if len(same) == 1 else close)[0])
            folder /= found[-1]
        return Similar("/".join(found), sure, relative) if folder.is_file() else None

    def _names(self, folder: Path) -> _Names:
        if folder not in self._folders:
            names = _Names({}, [])
            for name in sorted(files.names(folder)):
                names.folded.setdefault(name.casefold(), []).append(name)
                if name.lower().endswith(tuple(KNOWN_ENDINGS)):
                    names.pictures.append(name)
            self._folders[folder] = names
        return self._folders[folder]
