"""Payment gateways: how they answer pg-service, and a simulated one."""
