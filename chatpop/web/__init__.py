"""What every page and call shares: errors, forms, HTMX, CSRF, headers, assets."""
