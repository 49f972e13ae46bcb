"""One method per SQL function, by noun: rows to values, and nothing else."""
