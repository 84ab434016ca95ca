"""egov-user: accounts and tokens."""
