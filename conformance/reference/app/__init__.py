"""One application: every service behind the gateway, and how it is served."""
