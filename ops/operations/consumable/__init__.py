"""Consumables and spares: counted, taken, filled up."""
