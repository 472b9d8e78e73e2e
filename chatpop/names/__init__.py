"""Names: one namespace for everybody: key, shape, screening, dice, holds, claims."""
