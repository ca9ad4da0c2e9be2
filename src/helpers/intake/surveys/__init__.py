"""A first description of a survey and of a choice exercise, guessed from their exports."""
