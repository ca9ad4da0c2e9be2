"""Published figures recomputed from the same data, and what careless tests find in pure noise."""

STAGES = {"proof": "helpers.proof.proof:prove"}
ANSWERS = {"12_proof": "helpers.proof.findings:answer"}
