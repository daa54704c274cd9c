"""The forms the register has had, oldest first, for Alembic."""
