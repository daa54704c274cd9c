"""Operations: one small file each, named by its path."""
