"""The journal forgets nothing, whatever it is told."""

from hypothesis import given
from hypothesis import strategies as st
from records import records

from syndicator.doors import lines
from syndicator.model.records import Record


@given(records)
def test_a_record_is_read_back_as_it_was_written(record: Record) -> None:
    """Every field of every kind, whatever text it holds, on one line."""
    line = lines.encode(record)
    assert line.count(b"\n") == 1
    assert line.endswith(b"}\n")
    assert lines.decode(line) == record


@given(st.lists(records, min_size=1, max_size=4))
def test_a_batch_is_read_back_and_its_end_is_known(batch: list[Record]) -> None:
    """Only the last line of a batch ends as a last line does, whatever the fields hold."""
    written = lines.encode_batch(batch)
    assert [lines.decode(line) for line in written] == batch
    assert [line.endswith(lines.MORE) for line in written] == [True] * (len(batch) - 1) + [False]
