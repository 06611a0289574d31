"""Figures of scores."""

from ecglens.lenses.scores.figures import learning_curve
from ecglens.report import summarise


def test_the_size_with_folds_of_its_own_is_named_below_the_learning_curve(results) -> None:
    def caption(balance: str) -> str:
        study = results.study | {"balance": balance, "sizes": {"S": 250, "L": None}}
        picture = learning_curve(summarise(results.replaced(study=study)), "cd")
        assert picture is not None
        return picture.caption

    assert "L alone has natural prevalence, and records and folds of its own" in caption("equal")
    assert "of its own" not in caption("natural")
