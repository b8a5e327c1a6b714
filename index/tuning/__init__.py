"""Adapts the local embedding model to a corpus: pairs made from it, training, and a fair trial."""
