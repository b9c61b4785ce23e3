"""How Gibbon is started, kept alive and stopped."""
