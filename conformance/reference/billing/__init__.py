"""billing-service: demands and bills."""
