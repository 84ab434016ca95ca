"""What the services of one deployment share: state, clock, errors, request shapes."""
