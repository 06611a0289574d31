"""One entry with several poolings is one encoder each, which knows where it is written."""

from ecglens.study.poolings import spread_poolings, written

ENTRIES = ["b", {"name": "a", "pooling": ["mean", "max"], "dim": 8}, {"name": "c", "pooling": "cls"}]


def test_each_pooling_is_an_encoder_of_its_own_name_and_the_same_options() -> None:
    assert spread_poolings(ENTRIES) == [
        (0, "b"),
        (1, {"encoder": "a", "name": "a-mean", "pooling": "mean", "dim": 8}),
        (1, {"encoder": "a", "name": "a-max", "pooling": "max", "dim": 8}),
        (2, {"name": "c", "pooling": "cls"}),
    ]


def test_an_encoder_that_the_entry_names_is_kept() -> None:
    ((_, entry),) = spread_poolings([{"name": "mine", "encoder": "ecg-fm", "pooling": ["cls"]}])
    assert (entry["encoder"], entry["name"]) == ("ecg-fm", "mine-cls")


def test_what_is_no_list_of_words_is_left_to_the_check_of_the_entry() -> None:
    for entry in ({"name": "a", "pooling": []}, {"name": "a", "pooling": [1]}, {"name": 3, "pooling": ["max"]}):
        assert spread_poolings([entry]) == [(0, entry)]


def test_a_message_about_an_encoder_points_to_the_entry_it_comes_from() -> None:
    data = {"encoders": ENTRIES}
    assert [written(data, ("encoders", number))[1] for number in range(4)] == [0, 1, 1, 2]
    assert written(data, ("encoders", 3, "pooling")) == ("encoders", 2, "pooling")
    assert written(data, ("encoders",)) == ("encoders",)
    assert written(data, ("probes", 3)) == ("probes", 3)
