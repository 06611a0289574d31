"""Embeddings: computed once, kept by provenance."""

from ecglens.embeddings.extract import extract, extract_poolings
from ecglens.embeddings.store import Embeddings, EmbeddingStore, load_embeddings

__all__ = ["EmbeddingStore", "Embeddings", "extract", "extract_poolings", "load_embeddings"]
