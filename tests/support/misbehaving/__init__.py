"""An app with kinds of jobs that misbehave on purpose."""
