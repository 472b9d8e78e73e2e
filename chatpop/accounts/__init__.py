"""Members' accounts: registering, upgrading a guest in place, logging in and out, renaming."""
