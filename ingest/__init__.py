"""Reads the world: files and pages in, documents and chunks out; knows no model and no database."""
