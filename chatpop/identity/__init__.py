"""Who is asking: visitor, guest or member, and how they are recognised."""
