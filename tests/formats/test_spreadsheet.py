import pytest

from pipeline.formats.spreadsheet import spreadsheet_safe


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_shown(cell: str) -> None:
    assert spreadsheet_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Oslo denied it.", "", -1, 0.5, None])
def test_any_other_cell_stays(cell: object) -> None:
    assert spreadsheet_safe(cell) is cell
