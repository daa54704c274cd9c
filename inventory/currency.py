"""How fine the currencies are (ISO 4217, list one): one table for the register, for what is read and for reports."""

from __future__ import annotations

PLACES = {  # where they are not 2
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def places(currency: str) -> int:
    """How many decimals a currency has."""
    return PLACES.get(currency, 2)
