"""Embeddings: computed once, kept by provenance."""

from ecglens.embeddings.extract import extract
from ecglens.embeddings.store import Embeddings, EmbeddingStore, load_embeddings

__all__ = ["EmbeddingStore", "Embeddings", "extract", "load_embeddings"]
