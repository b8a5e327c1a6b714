"""The generative answerer: prompts, a model behind HTTP, its text made safe, a scripted model."""
