"""What an operator changes while the site runs."""
