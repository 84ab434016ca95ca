"""What an integrator of BBPS does with a deployment: its verbs, its data, its clean-up."""
