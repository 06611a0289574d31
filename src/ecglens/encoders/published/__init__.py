"""Published encoders, one family a module."""

from ecglens.encoders.published.base import PublishedEncoder

__all__ = ["PublishedEncoder"]
