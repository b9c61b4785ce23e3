"""What lessons show of real networks and data: small computations, each bounded; not for the web process."""
