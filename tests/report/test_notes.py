from dataclasses import replace

import pandas as pd

from ecglens.report import summarise
from ecglens.study.results import cannot_fill_frame


def test_baselines_that_a_study_lacks_are_named(results) -> None:
    known = dict(results.study) | {"encoders": [{"name": "conv"}, {"name": "features"}]}
    notes = {note.subject: note.text for note in summarise(replace(results, study=known)).notes}
    assert "age and sex alone" in notes["age-sex"]
    assert "untrained twin" in notes["conv"]
    assert "untrained" not in notes["features"]
    planned = [{"name": "conv"}, {"name": "who", "encoder": "age-sex"}, {"name": "blank", "encoder": "conv@untrained"}]
    known = dict(results.study) | {"encoders": planned}
    texts = " ".join(note.text for note in summarise(replace(results, study=known)).notes)
    assert "in this study" not in texts


def test_a_picture_that_cannot_be_drawn_says_why(results) -> None:
    place = {"encoder": "conv", "task": "af"}
    kept = results.projection[~((results.projection["encoder"] == "conv") & (results.projection["task"] == "af"))]
    gap = cannot_fill_frame("projection", place, "UMAP needs 5 records, there are 3.")
    notes = summarise(replace(results, projection=pd.concat([kept, gap], ignore_index=True))).notes
    assert ("conv, af", "No picture: UMAP needs 5 records, there are 3.") in [(n.subject, n.text) for n in notes]
