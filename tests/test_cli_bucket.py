"""A configured bucket without the client of buckets, without keys, and in ``config show``."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
from buckets import KEYS
from trial import HEAD, Trial

from syndicator import cli

TABLE = '[archive]\nbucket = "s3://bucket/site"\nbucket_endpoint = "http://127.0.0.1:9"\n'
NEEDED = ["archive mirror", "archive restore", "archive verify --bucket", "run"]
Say = Callable[[str], tuple[int, str]]


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make an archive of one post, and configure a bucket for it."""
    made = Trial(root=tmp_path)
    made.write("a.md")
    made.make()
    made.head = HEAD.replace("[archive]\n", TABLE)
    return made


@pytest.fixture
def say(site: Trial, capsys: pytest.CaptureFixture[str]) -> Say:
    """Call the command; return its exit code and all it said."""

    def call(words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = cli.main(["--config", str(site.file), *words.split()])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


@pytest.fixture
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be without the extra."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "syndicator.cycle.behind.find_spec",
        lambda name: None if name == "obstore" else found(name),
    )


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize("verb", NEEDED)
def test_what_needs_the_client_says_what_to_install(say: Say, verb: str) -> None:
    """Exit 2, one line, and the command."""
    code, told = say(verb)
    assert code == 2
    assert "archive.bucket needs obstore" in told
    assert "pip install 'syndicator[s3]'" in told


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize(
    "verb", ["status", "check", "archive status", "archive verify", "archive repair", "push list"]
)
def test_what_can_do_without_it_does(say: Say, verb: str) -> None:
    """Nothing of these fails for it."""
    code, told = say(verb)
    assert code in {0, 1}
    assert "Traceback" not in told


@pytest.mark.usefixtures("_bare")
def test_a_repair_without_it_says_so(
    say: Say, site: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    """What the bucket may have is not found; the damage stays an error."""
    (blob,) = (path for path in site.layout.blobs.rglob("*") if path.is_file())
    blob.unlink()
    (site.root / "content" / "a.md").unlink()
    code, told = say("archive repair")
    assert code == 1
    assert "ARC002" in told
    assert "archive.bucket needs obstore" in caplog.text + told


@pytest.mark.parametrize("verb", ["archive mirror", "archive restore", "archive verify --bucket"])
def test_without_keys_it_is_said_where_they_belong(
    say: Say, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Exit 2 and the names of the variables."""
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    code, told = say(verb)
    assert code == 2
    assert "the environment holds no keys" in told
    assert "AWS_ACCESS_KEY_ID" in told


def test_no_configuration_shows_keys(
    say: Say, site: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither those of the environment, nor those of a file; and the file holds none."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "keys").write_text("\n".join(f"{name}={value}" for name, value in KEYS.items()))
    site.head = site.head.replace(TABLE, f'{TABLE}bucket_secret_file = "../keys"\n')
    for verb in ("config show", "status --json", "doctor --offline", "archive mirror", "run"):
        code, told = say(verb)
        assert code in {0, 1, 5}, told  # 5: the bucket may not be asked there
        for secret in KEYS.values():
            assert secret not in told
    site.head = site.head.replace(TABLE, f'{TABLE}bucket_secret_key = "{KEYS}"\n'.replace("'", ""))
    code, told = say("config show")
    assert code == 2
    assert "no such setting" in told


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:9", "https://10.1.2.3", "https://[fd00::1]"]
)
def test_a_bucket_inside_needs_its_network_allowed(
    say: Say, site: Trial, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """As docs/how-to/keep-the-archive-in-a-bucket.md says; nothing is asked before."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    site.head = site.head.replace("http://127.0.0.1:9", endpoint)
    code, told = say("archive mirror")
    assert code != 0
    assert "[network]" in told
