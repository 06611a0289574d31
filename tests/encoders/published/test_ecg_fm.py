import numpy as np
import torch
from scipy import stats
from torch import nn

from ecglens.encoders import load_encoder


def test_the_recipe_scales_the_record_before_it_cuts_windows():
    x = np.random.default_rng(0).normal(size=(2, 12, 5000)).cumsum(axis=-1)
    found, fs = load_encoder("ecg-fm@untrained").recipe.apply(x, 500)
    scaled = stats.zscore(x, axis=-1)
    windows = [record[:, half] for record in scaled for half in (slice(2500), slice(2500, None))]
    np.testing.assert_allclose(found, windows, rtol=0, atol=1e-5)
    assert fs == 500


def test_a_layer_is_the_post_norm_layer_of_pytorch():
    layer = load_encoder("ecg-fm@untrained").network.get_submodule("encoder.layers.2")
    ours = layer.state_dict()
    theirs = nn.TransformerEncoderLayer(768, 12, 3072, dropout=0, activation="gelu", batch_first=True)
    names = {"linear1": "fc1", "linear2": "fc2", "norm1": "self_attn_layer_norm", "norm2": "final_layer_norm"}
    names |= {"self_attn.out_proj": "self_attn.out_proj"}
    state = {f"{name}.{kind}": ours[f"{part}.{kind}"] for name, part in names.items() for kind in ("weight", "bias")}
    for kind in ("weight", "bias"):
        state[f"self_attn.in_proj_{kind}"] = torch.cat([ours[f"self_attn.{each}_proj.{kind}"] for each in "qkv"])
    theirs.load_state_dict(state)
    x = torch.randn(2, 156, 768, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(layer(x), theirs.eval()(x), rtol=0, atol=1e-5)
