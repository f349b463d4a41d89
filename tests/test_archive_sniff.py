"""What bytes are, and what readers get of them: odd files and the verdict on each."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_pictures import BAD, GOOD, MARK, SECRET, STILLS, XMP
from PIL import Image

from syndicator.archive.formats import exif
from syndicator.archive.sniff import Picture, Unfit, judge, public


def test_there_are_many_odd_files() -> None:
    """At least sixty, and of either kind."""
    assert len(GOOD) >= 60
    assert len(BAD) >= 60


@pytest.mark.parametrize("name", GOOD)
def test_a_whole_picture_is_known_for_what_it_is(name: str) -> None:
    """Type, size as shown, and what is left out for readers come from the bytes alone."""
    made = GOOD[name]
    verdict = judge(made.data)
    assert isinstance(verdict, Picture), verdict
    said = (verdict.media_type, verdict.width, verdict.height, verdict.without)
    assert said == (made.media_type, made.width, made.height, made.without)
    assert (verdict.public is not None) == bool(made.without)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_picture_is_unfit(name: str) -> None:
    """Foreign, broken and outsized files get an ending, and a reason that says which."""
    made = BAD[name]
    verdict = judge(made.data)
    assert isinstance(verdict, Unfit), verdict
    assert verdict.extension == made.extension
    assert verdict.reason.startswith(made.reason)


@pytest.mark.parametrize("name", GOOD)
def test_readers_get_the_same_picture_and_nothing_of_its_maker(name: str) -> None:
    """The pixels of every frame, colour profile, timing and turn stay; names and places go."""
    made = GOOD[name].data
    safe = public(made)
    if safe is None:
        return
    again = judge(safe)
    assert isinstance(again, Picture)
    assert (again.without, again.public, public(safe)) == ((), None, None)
    assert not any(word in safe for word in (SECRET, XMP, b"Camera maker", b"<html>", b"PK\3\4"))
    if again.media_type != "image/svg+xml":
        assert _shown(safe) == _shown(made)


def _shown(data: bytes) -> list[object]:
    """Return what a reader sees: frames with their timing, profile, turn, density, loops."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP", "AVIF")) as image:
        if image.size > (5000, 0):  # claims that nobody should decode
            return [image.size]
        frames: list[object] = []
        still = image.format in {
            "JPEG",
            "MPO",
        }  # the second of two pictures in one file is no frame
        for n in range(1 if still else getattr(image, "n_frames", 1)):
            image.seek(n)
            frames.append(
                (image.mode, image.convert("RGBA").tobytes(), image.info.get("duration"))
            )
        told = [image.info.get(key) for key in ("icc_profile", "gamma", "loop", "jfif_density")]
        return [exif.orientation(image.info.get("exif")), *told, *frames]


def test_a_picture_that_tells_nothing_is_not_copied() -> None:
    """What is published of it are its very bytes, without a pass through anything."""
    assert [name for name, data in STILLS.items() if public(data) is not None] == ["svg"]


def test_an_embedded_photo_loses_its_place_too() -> None:
    """A photo within a drawing is a photo."""
    safe = public(GOOD["svg with a photo within"].data)
    assert safe is not None
    assert len(safe) < len(GOOD["svg with a photo within"].data) - 100
    assert b"data:image/jpeg;base64," in safe


@pytest.mark.parametrize("name", STILLS)
def test_a_picture_cut_anywhere_is_found_out(name: str) -> None:
    """Of every beginning of a picture, none but the whole is one."""
    whole = STILLS[name]
    passed = [end for end in range(len(whole)) if isinstance(judge(whole[:end]), Picture)]
    assert passed == []


_FILES = sorted({name: made.data for name, made in GOOD.items() if len(made.data) < 9000}.items())


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(_FILES),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damage_never_raises(one: tuple[str, bytes], harm: list[tuple[int, int]]) -> None:
    """Whatever some bytes become there is a verdict; and what readers get is at rest."""
    data = bytearray(one[1])
    for at, byte in harm:
        data[at % len(data)] = byte
    verdict = judge(bytes(data))
    assert isinstance(verdict, Picture | Unfit)
    if isinstance(verdict, Picture) and verdict.public is not None:
        again = judge(verdict.public)
        assert isinstance(again, Picture)
        assert (again.width, again.height) == (verdict.width, verdict.height)
        assert (again.public, public(bytes(data))) == (None, verdict.public)


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            b"",
            b"\xff\xd8\xff",
            MARK,
            b"GIF89a",
            b"RIFF\0\0\0\0WEBP",
            b"\0\0\0\x14ftypavif",
            b"<svg",
        ]
    ),
    st.binary(max_size=200),
)
def test_noise_never_raises(mark: bytes, noise: bytes) -> None:
    """Random bytes behind every mark end in a verdict."""
    assert isinstance(judge(mark + noise), Picture | Unfit)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
    st.integers(0, 9),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.binary(max_size=60),
)
def test_what_is_left_out_changes_no_pixel(
    kind: str, turn: int, size: tuple[int, int], noise: bytes
) -> None:
    """Of any picture with any Exif: pixels, profile and turn are those that came."""
    tags = Image.Exif()
    tags[0x0112], tags[0x927C] = turn, noise
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(
        out, kind, exif=tags.tobytes(), comment=noise, icc_profile=noise
    )
    data = out.getvalue()
    verdict = judge(data)
    assert isinstance(verdict, Picture)
    assert verdict.public is not None
    assert _shown(verdict.public) == _shown(data)
    sideways = 5 <= turn <= 8
    assert (verdict.width, verdict.height) == (size[::-1] if sideways else size)


def test_the_reasons_name_their_format() -> None:
    """So that ``check`` can tell a broken picture from something that is none."""
    named = re.compile(
        r"(JPEG|PNG|GIF|WEBP|AVIF): |SVG can't|an HTML page|not a JPEG|nothing came"
    )
    verdicts = [judge(made.data) for made in BAD.values()]
    assert all(isinstance(one, Unfit) and named.match(one.reason) for one in verdicts)
