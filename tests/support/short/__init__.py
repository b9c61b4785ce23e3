"""An app whose trainings are real and short: they learn from the first pictures of MNIST."""
