"""The staff chat, a Gradio page mounted at /chat."""
