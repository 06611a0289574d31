import numpy as np

from ecglens.encoders import Batch, load_encoder
from ecglens.records import record_table


def test_ages_and_sexes_stand_at_their_records() -> None:
    people = [("a", 89, "M"), ("b", None, "F"), ("c", 20, None), ("d", 0, "F")]
    records = record_table([{"record_id": name, "age": age, "sex": sex} for name, age, sex in people])
    batch = Batch(np.zeros((4, 12, 10), dtype=np.float32), 100, records)
    tokens = load_encoder("age-sex").encode(batch)
    assert tokens.dtype == np.float32
    np.testing.assert_allclose(tokens[:, 0], [[0.89, 0, 1], [0, 1, -1], [0.2, 0, 0], [0, 0, -1]], rtol=1e-6)


def test_a_table_without_ages_and_sexes() -> None:
    records = record_table([{"record_id": "a"}])
    tokens = load_encoder("age-sex").encode(Batch(np.zeros((1, 12, 10), dtype=np.float32), 100, records))
    np.testing.assert_array_equal(tokens, [[[0, 1, 0]]])
