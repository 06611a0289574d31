"""Encoders: frozen models that map signals to tokens."""

from __future__ import annotations

import inspect
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, cast

from ecglens.encoders.base import Batch, Encoder, pool
from ecglens.encoders.card import EncoderCard
from ecglens.errors import ConfigError, EcgLensError, EncoderError, printable
from ecglens.modules import describe_fault
from ecglens.options import OptionError, check_options, found, parameters_of
from ecglens.registry import Registry
from ecglens.signals.recipe import Recipe

__all__ = ["ENCODERS", "Batch", "Encoder", "EncoderCard", "Recipe", "describe", "load_card", "load_encoder", "pool"]

UNTRAINED = "untrained"


@dataclass(frozen=True)
class EncoderRegistry(Registry):
    """Encoders by name; ``NAME@untrained`` for those that accept the argument `untrained`."""

    def load(self, name: str) -> Any:
        """The object behind a name; raises `ConfigError` that lists the legal names."""
        known, at, variant = name.partition("@")
        factory = super().load(known)
        if not at:
            return factory
        if variant != UNTRAINED or not inspect.isclass(factory) or UNTRAINED not in parameters_of(factory):
            variant = printable(variant)
            raise ConfigError(f"{self.kind} {known!r} has no variant {variant!r}; networks have {UNTRAINED!r}.")
        return partial(cast("Any", factory), untrained=True)


ENCODERS = EncoderRegistry(
    "encoder",
    {
        "ecg-fm": "ecglens.encoders.published.ecg_fm:EcgFm",
        "ecgfounder-12lead": "ecglens.encoders.published.ecgfounder:EcgFounder",
        "ecg-jepa": "ecglens.encoders.published.ecg_jepa:EcgJepa",
        "hubert-ecg-small": "ecglens.encoders.published.hubert_ecg:HubertEcgSmall",
        "hubert-ecg-base": "ecglens.encoders.published.hubert_ecg:HubertEcgBase",
        "hubert-ecg-large": "ecglens.encoders.published.hubert_ecg:HubertEcgLarge",
        "merl-resnet18": "ecglens.encoders.published.merl:MerlResNet18",
        "merl-vit-tiny": "ecglens.encoders.published.merl:MerlViTTiny",
        "st-mem-full": "ecglens.encoders.published.st_mem:StMem",
        "signal-features": "ecglens.encoders.baselines.signal_features:SignalFeatures",
        "random-conv": "ecglens.encoders.baselines.random_conv:RandomConv",
        "age-sex": "ecglens.encoders.baselines.age_sex:AgeSex",
    },
)


def load_encoder(name: str, **options: Any) -> Encoder:
    """Load an encoder by its short name or ``package.module:attribute``.

    Parameters
    ----------
    name
        Name in `ENCODERS`, or import path of an encoder or of a class or function that makes one. The suffix
        ``@untrained`` selects the same architecture with random weights.
    options
        Arguments of the class or function; those of published networks are documented at
        `ecglens.encoders.published.PublishedEncoder`.

    Raises
    ------
    ConfigError
        Unknown name or option, or the object does not follow `Encoder`.
    EncoderError
        The weights are missing, or do not fit the encoder.

    Examples
    --------
    >>> load_encoder("age-sex").card.dim
    3
    >>> load_encoder("hubert-ecg-small@untrained", seed=1).card.name
    'hubert-ecg-small@untrained'
    """
    loaded = ENCODERS.load(name)
    if isinstance(loaded, Encoder) and not isinstance(loaded, type):
        if options:
            raise OptionError(next(iter(options)), f"encoder {name!r} is a finished object and takes no options")
        return loaded
    encoder = _make(name, loaded, options)
    if not isinstance(encoder, Encoder):
        raise ConfigError(f"encoder {name!r} is {found(encoder)}, without the attributes card, recipe and encode")
    return encoder


def _make(name: str, factory: Any, options: dict[str, Any]) -> Any:
    kinds = (inspect.isclass, inspect.isfunction, inspect.ismethod, lambda each: isinstance(each, partial))
    if not any(is_kind(factory) for is_kind in kinds):
        raise ConfigError(
            f"encoder {name!r} is {found(factory)}, neither an encoder nor a class or function that makes one"
        )
    check_options(f"encoder {name!r}", factory, options)
    try:
        return factory(**options)
    except EcgLensError:
        raise
    except (Exception, SystemExit) as error:
        raise EncoderError(f"encoder {name!r} cannot be made: {describe_fault(error)}") from error


def load_card(name: str, **options: Any) -> EncoderCard:
    """The card of an encoder; the published ones need no weights for it.

    Examples
    --------
    >>> load_card("ecg-fm").pretraining is None
    False
    """
    card = getattr(ENCODERS.load(name), "card", None)
    return card if isinstance(card, EncoderCard) else load_encoder(name, **options).card


def describe(name: str) -> dict[str, Any]:
    """Facts about an encoder as plain data: card, recipes with their digests, published file.

    Examples
    --------
    >>> describe("ecg-fm")["file"]
    'mimic_iv_ecg_physionet_pretrained.pt'
    """
    factory = ENCODERS.load(name)
    recipes = getattr(factory, "recipes", None) or {"": getattr(factory, "recipe", None) or load_encoder(name).recipe}
    checkpoint = getattr(factory, "checkpoint", None)
    published = asdict(checkpoint) | {"url": checkpoint.url, "licence": checkpoint.terms} if checkpoint else {}
    published.pop("marks", None)
    return {
        **asdict(load_card(name)),
        **{f"recipe {title}".strip(): f"{recipe} [{recipe.digest}]" for title, recipe in recipes.items()},
        **published,
    }
