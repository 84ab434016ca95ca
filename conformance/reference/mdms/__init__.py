"""egov-mdms-service: master data and its filters."""
