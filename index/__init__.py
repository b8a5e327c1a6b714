"""Remembers and finds: embeds chunks, keeps them in Qdrant, answers queries with hits."""
