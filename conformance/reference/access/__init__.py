"""Access control: roles, actions, and who may call what."""
