"""Which persona is which from run to run, and what changed beyond noise."""
