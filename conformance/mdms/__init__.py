"""Master data of roles and actions."""
