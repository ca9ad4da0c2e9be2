"""What an analyst holds in JupyterLab: a study as tables, and comparisons of one's own."""
