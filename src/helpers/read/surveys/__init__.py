"""The rules of surveys and choice exercises: who counts, who a respondent is, and what an answer can be."""
