"""The course: lessons one can touch, and the words of the field."""
