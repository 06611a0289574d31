"""Embeddings: computed once and stored under a digest of their provenance."""

from ecglens.embeddings.embed import embed
from ecglens.embeddings.extract import extract, extract_poolings
from ecglens.embeddings.shards import Embeddings, load_embeddings
from ecglens.embeddings.store import EmbeddingStore

__all__ = ["EmbeddingStore", "Embeddings", "embed", "extract", "extract_poolings", "load_embeddings"]
