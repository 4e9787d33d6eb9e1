"""A model's own process where the model is Python's: it talks docs/host-protocol.md with the server that started it."""
