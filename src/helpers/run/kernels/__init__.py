"""Kernels and the processes around them: each notebook in one of its own, and nothing outlives a run."""
