"""Where documents come from: what each source holds now, and copies of what changed in it."""
