"""Our attacks beside the libraries', picture by picture, at equal passes (after AttackBench, arXiv 2404.19460)."""
