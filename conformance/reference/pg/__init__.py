"""pg-service: transactions."""
