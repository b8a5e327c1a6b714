"""Measures: question sets, metrics, runs and reports."""
