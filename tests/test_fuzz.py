import sys

import pytest

from tests import fuzz


def test_the_fuzzer_says_when_a_reader_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(fuzz, "fuzz", lambda name, seed, seconds: (print(name), (1, 0))[1])
    monkeypatch.setattr(sys, "argv", ["fuzz"])
    with pytest.raises(SystemExit) as ended:
        fuzz.main()
    printed = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert printed[0] == "skops: left out, as it is not installed; install .[export]"
    assert printed[1:-1] == [name for name in fuzz.TARGETS if name != "skops"]
    monkeypatch.setattr(sys, "argv", ["fuzz", "skops"])
    with pytest.raises(SystemExit) as ended:
        fuzz.main()
    assert ended.value.code == 2
    assert "skops is not installed" in capsys.readouterr().err
