"""What a run leaves of its progress hides nothing where it cannot be written."""

from pathlib import Path

import pytest

from helpers.run.unattended.journal import EVENTS, LOG, add_event, add_line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_or_a_folder_that_is_gone_ends_no_run(tmp_path):
    for name in (LOG, EVENTS):
        (tmp_path / name).symlink_to("/dev/full")
    for work in (tmp_path, tmp_path / "gone"):
        add_line(work, "a line")
        add_event(work, "end", status="done")
    assert not (tmp_path / "gone").exists()
