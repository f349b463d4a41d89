"""The same content gives the same bytes, whatever the machine's habits are."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from syndicate_command import finish, start
from trial_site import NOWHERE, png, post, put, site, tree

HABITS: list[tuple[Mapping[str, str], int]] = [
    ({"TZ": "America/St_Johns", "PYTHONHASHSEED": "1", "LC_ALL": "C"}, 0o022),
    ({"TZ": "Pacific/Apia", "PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "LANG": "de"}, 0o077),
]


def _lay_out(root: Path, project: Path) -> Path:
    site(root)
    shutil.copytree(project / "seeds", root / "content", dirs_exist_ok=True)
    put(root / "content/near.png", png(5))
    post(root, "2024-05-01-day.md", "![](near.png)", tags="[z, a, m]", author="[Zoë, Ann]")
    post(root, "2024-05-01-same-day.md", day="2024-05-01 08:00")
    post(root, "2024-05-01-same-hour.md", day="2024-05-01 08:00")
    for path in sorted((root / "content").rglob("*"), reverse=root.name == "second"):
        if path.is_file():
            put(path, path.read_bytes())
    return root


def test_the_machine_leaves_no_trace(tmp_path: Path, project: Path) -> None:
    """Time zone, hash seed, locale, umask, folder and order of files change no published byte."""
    seen = []
    for name, (env, umask) in zip(("first", "second"), HABITS, strict=True):
        root = _lay_out(tmp_path / name, project)
        here = root if name == "first" else tmp_path
        config = root / "config/syndicator.toml"
        assert NOWHERE in config.read_text(encoding="utf-8")
        ran = finish(start("--config", config, "run", cwd=here, env=env, umask=umask))
        assert ran.code == 0, ran
        seen.append(tree(root / "archive/public"))
    first, second = (
        {path: (mode, digest) for path, (mode, _, digest) in one.items()} for one in seen
    )
    assert len(first) == 16  # three feeds, a stylesheet, two copies of each; and pictures
    assert first == second
