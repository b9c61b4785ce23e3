"""The records of the attacks, by what they may change or know. Imports no torch."""
