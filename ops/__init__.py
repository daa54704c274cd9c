"""IT operations that plan before they act, prove what they did and leave signed evidence."""

__version__ = "0.1.0"
