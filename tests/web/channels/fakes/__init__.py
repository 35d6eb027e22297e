"""Local stand-ins for the services' HTTP APIs. Each refuses what the real one refuses."""
