"""The gateway: token, address, role and tenant are checked before any service."""
