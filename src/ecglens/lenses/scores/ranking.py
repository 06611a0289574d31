"""Encoders by average rank, with the tests of their differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import Grid
from ecglens.stats import ALPHA, place_among
from ecglens.status import DONE

RANK_COLUMNS = ["encoder", "rank", "low", "high", "f1", "n_blocks", "above_chance", "compared", "gain", "probes"]


@dataclass(frozen=True)
class Shuffled:
    """Rank of the mean F1 on shuffled labels among the encoders, with its bootstrap interval."""

    rank: float
    low: float
    high: float
    f1: float
    n_blocks: int


@dataclass(frozen=True)
class Ranking:
    """Average ranks over data sets and tasks.

    Parameters
    ----------
    table
        One row per encoder, the best first: average ``rank``, over the blocks that all encoders have, with its
        bootstrap interval ``low`` to ``high``; mean F1 over its own ``n_blocks`` data sets x tasks; on how many of
        ``compared`` blocks it is ``above_chance`` (Holm-adjusted p below 0.05 against shuffled labels) and by how much
        F1 (``gain``); the ``probes`` that most folds chose.
    scores
        Mean F1 that ranks and tests rest on: task, dataset, size, encoder, probe (of most folds), value, low, high, n
        (folds), n_records (tested).
    chance
        Each encoder against its own score on shuffled labels: task, dataset, size, encoder, probe, value (difference in
        F1), low, high, sd (over folds), p_value, p_holm, detectable (smallest difference shown with 80 % power), worse,
        equal, better (posterior probabilities), n, n_records.
    shuffled
        Shuffled labels among the encoders: ``f1``, the mean over encoders and ``n_blocks``, and the ``rank`` that it
        would take, on average over the blocks that the encoders' ranks rest on; NaN if no encoder ran on them.
    pairs
        Paired comparisons of encoder and other, with the same columns.
    p_value
        p of Friedman's test over blocks that all encoders have; NaN if there are too few.
    critical_difference
        Nemenyi's critical difference of average ranks.
    n_blocks
        Number of blocks of Friedman's test.
    blocks_left_out
        Number of blocks that are left out because an encoder has no score.
    left_out
        Share of bootstrap replicates that are left out because an encoder has no score.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    chance: pd.DataFrame
    shuffled: Shuffled
    pairs: pd.DataFrame
    p_value: float
    critical_difference: float
    n_blocks: int
    blocks_left_out: int
    left_out: float

    @property
    def friedman(self) -> str:
        """Friedman's test in words, and the number of blocks that are left out; no test for two encoders or ties."""
        test = f"Friedman over {self.n_blocks} data sets x tasks: p = {self.p_value:.2g}."
        verb = "is" if self.blocks_left_out == 1 else "are"
        gaps = f"{self.blocks_left_out} more {verb} left out of ranks and test: an encoder has no score there."
        return " ".join(["" if np.isnan(self.p_value) else test, gaps if self.blocks_left_out else ""]).strip()

    @property
    def test(self) -> dict[str, float]:
        """Friedman's test and Nemenyi's critical difference as numbers."""
        return {
            "p_value": self.p_value, "critical_difference": self.critical_difference, "n_blocks": self.n_blocks,
            "blocks_left_out": self.blocks_left_out, "left_out": self.left_out,
        }  # fmt: skip

    @property
    def sizes(self) -> dict[str, str]:
        """Size at which encoders are compared, by task."""
        return dict(zip(self.scores["task"], self.scores["size"], strict=True))

    @property
    def order(self) -> tuple[str, ...]:
        """Encoders by rank, the best first."""
        return tuple(self.table["encoder"])

    def sorted(self, table: pd.DataFrame) -> pd.DataFrame:
        """Sort rows by the rank of their encoder; the order within an encoder stays."""
        place = {encoder: number for number, encoder in enumerate(self.order)}
        return table.sort_values("encoder", key=lambda names: names.map(place), kind="stable")


def rank_encoders(comparison: pd.DataFrame, grid: Grid) -> Ranking:
    """Read the comparison stage; encoders without a comparison come last.

    Parameters
    ----------
    comparison
        Rows of the stage.
    grid
        Grid of the study.
    """
    done = where(comparison, status=DONE)
    found = [_row(done, encoder) for encoder in grid.encoders]
    table = pd.DataFrame(found, columns=RANK_COLUMNS).sort_values(["rank", "f1"], ascending=[True, False])
    friedman = {row.statistic: row for row in rows(done) if row.statistic in ("friedman", "critical difference")}
    nothing = "friedman" not in friedman
    gaps = where(done, statistic="blocks left out")["value"]
    replicates = where(done, statistic="replicates left out")
    return Ranking(
        table.reset_index(drop=True),
        where(done, statistic="score"),
        where(done, statistic="against shuffled labels").drop(columns=["statistic", "status", "reason", "other"]),
        _shuffled(done),
        where(done, statistic="pair").drop(columns=["statistic", "status", "reason"]),
        np.nan if nothing else float(friedman["friedman"].p_value),
        np.nan if nothing else float(friedman["critical difference"].value),
        0 if nothing else int(friedman["friedman"].n),
        int(gaps.max()) if len(gaps) else 0,
        float((replicates["value"] / replicates["n"]).max()) if len(replicates) else 0.0,
    )


def _row(done: pd.DataFrame, encoder: str) -> tuple[object, ...]:
    own = where(done, encoder=encoder)
    ranks, scores = where(own, statistic="rank"), where(own, statistic="score")
    chance = where(own, statistic="against shuffled labels")
    above = int(is_above(chance).sum())
    rank = ranks[["value", "low", "high"]].to_numpy(dtype=float)[0] if len(ranks) else np.full(3, np.nan)
    probes = tuple(dict.fromkeys(scores["probe"]))
    return (
        encoder, *rank, scores["value"].mean(), len(scores), above, len(chance), chance["value"].mean(), probes
    )  # fmt: skip


def _shuffled(done: pd.DataFrame) -> Shuffled:
    block = ["task", "dataset"]
    found = where(done, statistic="shuffled labels").set_index(block)["value"]
    both = where(done, statistic="score").merge(found.rename("shuffled").reset_index(), on=block)
    # As the encoders' own ranks: where all have a score.
    n_encoders = where(done, statistic="rank")["encoder"].nunique()
    whole = [part for _, part in groups(both, block) if part["encoder"].nunique() == n_encoders]
    ranks = [float(place_among(part["shuffled"].iloc[0], part["value"].to_numpy())) for part in whole]
    bounds = where(done, statistic="shuffled rank")
    low, high = bounds[["low", "high"]].iloc[0] if len(bounds) else (np.nan, np.nan)
    return Shuffled(float(np.mean(ranks)) if ranks else np.nan, low, high, float(found.mean()), len(found))


def is_above(chance: pd.DataFrame) -> pd.Series[bool]:
    """Whether rows of `Ranking.chance` show a score above chance."""
    return (chance["p_holm"] < ALPHA) & (chance["value"] > 0)
