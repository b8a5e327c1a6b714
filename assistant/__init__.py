"""Thinks: turns a question and its hits into a cited answer; knows no HTTP."""
