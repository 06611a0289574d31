"""Each published encoder gives what its official code gives for the same weights and signals."""

from dataclasses import replace

import numpy as np

from ecglens.records import LEADS
from ecglens.signals import SelectLeads


def test_recipe_gives_the_official_input(case) -> None:
    found = case.batch.signals
    assert found.size == case.input_size
    np.testing.assert_allclose(found.ravel()[case.at], case.model_input, **case.tolerance("model_input"))


def test_recipe_gives_every_record_the_same_alone(case) -> None:
    alone = [case.encoder.recipe.apply(record[None], 500)[0] for record in case.signal]
    np.testing.assert_allclose(case.batch.signals, np.concatenate(alone), rtol=0, atol=1e-6)


def test_embeddings_and_tokens_are_the_official_ones(case) -> None:
    for name in case.outputs:
        tolerance = case.tolerance(name.partition("_")[0])
        np.testing.assert_allclose(case.output(name), case.expected[name], **tolerance, err_msg=name)


def test_any_batch_gives_the_same_embeddings(case) -> None:
    encoder, batch = case.encoder, case.batch
    for rows in (slice(0, 1), slice(1, case.windows + 1)):
        alone = encoder.pool(encoder.encode(replace(batch, signals=batch.signals[rows])))
        np.testing.assert_allclose(alone, encoder.pool(case.tokens[rows]), **case.tolerance("embedding"))


def test_card_tells_what_goes_in_and_out(case) -> None:
    card, steps = case.encoder.card, case.encoder.recipe.steps
    selected = [step.leads for step in steps if isinstance(step, SelectLeads)] or [LEADS]
    assert card.leads == selected[-1]
    assert card.fs == case.batch.fs
    assert card.dim == case.expected["embedding"].shape[1]
    assert card.n_parameters == case.n_parameters
