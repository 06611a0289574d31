"""The command line."""

from ecglens.cli.app import app, main

__all__ = ["app", "main"]
