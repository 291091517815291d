"""Custom actions of the dialogue engine; they speak HTTP only."""
