"""Looking after a room: what its host, its moderators and the site's admins may do in it, and to whom."""
