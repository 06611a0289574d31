"""Published encoders, one family per module."""

from ecglens.encoders.published.base import PublishedEncoder

__all__ = ["PublishedEncoder"]
