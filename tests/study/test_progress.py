"""Progress that is not shown."""

from ecglens.study.progress import Progress, Silent


def test_nothing_is_printed(capsys) -> None:
    silent: Progress = Silent()
    silent.stage("embed", 3)
    for done in (1, 3, 2, -1):
        silent.advance(done)
    assert capsys.readouterr() == ("", "")


def test_it_has_what_a_run_calls() -> None:
    calls = {name for name in vars(Progress) if not name.startswith("_")}
    assert calls == {name for name in vars(Silent) if not name.startswith("_")} == {"stage", "advance"}
