"""Published figures recomputed from the same data, and what careless tests find in pure noise."""

from helpers.proof.exhibits import EXHIBITS as EXHIBITS

STAGES = {"proof": "helpers.proof.proof:prove"}
TUNED_BY = {"proof": "12_proof"}
ANSWERS = {"12_proof": "helpers.proof.findings:answer"}
