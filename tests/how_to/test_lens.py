"""The lens of docs/how-to/lens.md."""

from types import SimpleNamespace

import numpy as np
import pytest

from ecglens.study import load_results


def test_the_page_adds_a_lens(install) -> None:
    page = install("lens")
    *_, shown = (page.run(*command) for command in page.commands())
    assert "Dimensions that an embedding uses" in shown
    rows = load_results(page.folder / "run").dimensions.set_index(["encoder", "dataset"])
    assert len(rows) == 4
    assert (rows["status"] == "done").all()
    assert rows.loc["age-sex", "dimensions"].between(1, 3).all()
    assert (rows.loc["signal-features", "dimensions"] > 3).all()
    assert "Participation ratio" in (page.folder / "run" / "report.html").read_text()


def test_its_number_is_the_number_of_independent_directions(install) -> None:
    install("lens")
    from dimensions import compute

    x = np.random.default_rng(0).normal(size=(20_000, 5)) @ np.eye(5, 12)
    task = SimpleNamespace(
        key={"dataset": "georgia"},
        settings={"standardise": False},
        open_embeddings={"georgia": SimpleNamespace(matrix=x)}.get,
    )
    assert compute(task)["dimensions"].item() == pytest.approx(5, abs=0.05)
