"""The assistant for programs that speak OpenAI's interface: chat completions and models."""
