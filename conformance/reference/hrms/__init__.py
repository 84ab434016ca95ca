"""egov-hrms: employees."""
