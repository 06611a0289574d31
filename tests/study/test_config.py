import sys
from pathlib import Path
from types import ModuleType

import pytest

from ecglens.errors import ConfigError
from ecglens.lens import Lens
from ecglens.study import load_study
from ecglens.study.config import with_lenses
from ecglens.study.fields import Strict

GOOD = """
name: test
data: ecg
datasets:
  - ptb-xl
  - {name: ptb-xl-normalised, reader: ptb-xl, root: elsewhere, fs: 100}
encoders:
  - random-conv
  - {name: wide, encoder: random-conv, dim: 1024, pooling: max}
sizes: [S, XS]
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "study.yaml"
    path.write_text(text)
    return load_study(path)


def test_short_names_and_mappings(tmp_path) -> None:
    study = load(tmp_path, GOOD)
    plain, mapped = study.datasets
    assert plain.root == tmp_path / "ecg" / "ptb-xl"
    assert mapped.root == tmp_path / "elsewhere"
    assert mapped.options == {"fs": 100}
    assert study.encoders[1].options == {"dim": 1024}
    assert list(study.sizes.items()) == [("XS", 100), ("S", 250)]
    assert study.task_names == ("cd", "af")
    assert study.folds == 15
    assert len(study.probes) == 5
    assert study.shuffled_encoders == ("random-conv", "wide")


def test_a_list_of_poolings_stands_for_one_encoder_each(tmp_path) -> None:
    study = load(tmp_path, GOOD.replace("pooling: max", "pooling: [max, last]"))
    named = [(entry.name, entry.encoder, entry.pooling, entry.options) for entry in study.encoders[1:]]
    assert named == [
        ("wide-max", "random-conv", "max", {"dim": 1024}),
        ("wide-last", "random-conv", "last", {"dim": 1024}),
    ]


def test_weights_lie_where_the_study_file_says(tmp_path) -> None:
    study = load(tmp_path, GOOD.replace("dim: 1024", "weights: nets/a.pt"))
    assert study.encoders[1].options == {"weights": str(tmp_path / "nets" / "a.pt")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "fold: 3\n", r"study\.yaml:11: fold: .*Known fields: .*folds"),
        (GOOD + "folds: many\n", r"study\.yaml:11: folds: found 'many', expected a whole number from 2 to 1,000\.$"),
        (GOOD.replace("[S, XS]", "[XXL]"), r"sizes: .*unknown size 'XXL'\. Known: XS, S, M, L, full"),
        (GOOD.replace("pooling: max", "pooling: sum"), r"study\.yaml:9: encoders\.1\.pooling: .*'mean', 'max'"),
        (
            GOOD.replace("  - ptb-xl\n", "  - ../ptb-xl\n"),
            r"study\.yaml:5: datasets\.0\.name: found '\.\./ptb-xl', expected a name of at most 80 letters",
        ),
        (GOOD.replace("name: wide", "name: random-conv"), r"encoders: .*random-conv is listed more than once"),
        (
            GOOD + "shuffled: [nobody]\n",
            r"study\.yaml:11: shuffled: 'nobody' is not an encoder of this study\. It has: random-conv, wide",
        ),
        (GOOD.replace("data: ecg\n", ""), r"study\.yaml:4: datasets\.ptb-xl: ptb-xl has no root"),
        (GOOD + "sizes: [XS]\n", r"study\.yaml:11: 'sizes' is given twice"),
        (
            GOOD + "geometry: {kk: 3}\n",
            r"geometry\.kk: unknown field\. Did you mean 'k'\? Known fields: metrics, k, metric, .*device\.$",
        ),
        ("- a list\n", "a study file is a mapping"),
        ("name: [\n", r"study\.yaml:2: expected the node content"),
        (
            GOOD.replace("[S, XS]", "{tiny: 2}"),
            r"sizes\.tiny: found 2, expected a whole number from 4 to 10,000,000 or null",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"no-such\.yaml"):
        load_study(tmp_path / "no-such.yaml")


def test_a_lens_cannot_take_a_field_that_every_study_has(monkeypatch) -> None:
    module = ModuleType("shelf")
    module.LENS = Lens(name="own", settings={"own": Strict, "seed": Strict})
    monkeypatch.setitem(sys.modules, "shelf", module)
    with pytest.raises(ConfigError, match="the lens 'own' adds the field 'seed', which every study has"):
        with_lenses(("shelf:LENS",))
