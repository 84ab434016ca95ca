"""What is signed of a run, with which key, and the run as one file for somebody else."""
