"""What there is: classifiers, datasets, networks, settings, diagnoses, errors. No torch; all may import it."""
