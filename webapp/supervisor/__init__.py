"""`./run`: starts the parts of the site, keeps them alive, leaves nothing behind. No Django and no torch in here."""
