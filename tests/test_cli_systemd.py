"""``syndicate systemd install``: units with the right paths, and little left open."""

import shutil
import subprocess
from pathlib import Path

import pytest

from syndicator.cli import main
from syndicator.cli.systemd import CONFIG, shipped

UNITS = Path("etc/systemd/system")
SETTINGS = """\
[site]
title = "Small"
url = "https://site.example/"
timezone = "UTC"
[content]
root = "{content}"
[archive]
root = "{archive}"
[serve]
url = "https://feeds.example/"
"""


def install(tmp_path: Path, content: str = "/srv/blog", archive: str = "a", *more: str) -> Path:
    config, root = tmp_path / "x.toml", tmp_path / "root"
    config.write_text(SETTINGS.format(content=content, archive=archive))
    assert main(["--config", str(config), "systemd", "install", "--root", str(root), *more]) == 0
    return root


def test_units_name_this_installation(tmp_path: Path) -> None:
    """The command that was run, and the configuration that was named."""
    root = install(tmp_path)
    for unit in ("syndicator.service", "syndicator-run.service"):
        text = (root / UNITS / unit).read_text()
        assert f"/syndicate --config {tmp_path / 'x.toml'} " in text
        assert "/opt/syndicator" not in text
        assert CONFIG not in text
    assert (root / "etc/syndicator/credentials").stat().st_mode & 0o777 == 0o700
    assert (root / "etc/sysusers.d/syndicator.conf").exists()
    assert (root / UNITS / "syndicator.service.d/no-private-networks.conf").exists()


@pytest.mark.parametrize(
    ("content", "archive", "lines"),
    [
        ("/srv/blog", "/var/lib/syndicator/archive", []),
        ("/srv/blog", "/srv/a", ["ReadWritePaths=/srv/a"]),
        ("/home/ann/blog", "/var/lib/syndicator/a", ["BindReadOnlyPaths=/home/ann/blog"]),
        (
            "/home/ann/blog",
            "/home/ann/a",
            [
                "ReadWritePaths=/home/ann/a",
                "BindReadOnlyPaths=/home/ann/blog",
                "BindPaths=/home/ann/a",
            ],
        ),
    ],
)
def test_folders_that_units_would_not_see_are_opened(
    tmp_path: Path, content: str, archive: str, lines: list[str]
) -> None:
    """And no more than these."""
    file = install(tmp_path, content, archive) / UNITS / "syndicator.service.d/folders.conf"
    assert (file.read_text().splitlines()[2:] if file.exists() else []) == lines


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it would write."""
    root = install(tmp_path, "/srv/blog", "a", "--dry-run")
    assert not root.exists()
    assert str(root / UNITS / "syndicator.service") in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("unit", ["syndicator.service", "syndicator-run.service"])
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_little_is_left_open(unit: str) -> None:
    """An exposure of at most 1.1, as systemd reckons it."""
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=11", "--no-pager"]
    ran = subprocess.run([*command, shipped() / unit], capture_output=True, text=True, check=False)
    if "unrecognized option" in ran.stderr:
        pytest.skip("this systemd-analyze has no --offline")
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr
