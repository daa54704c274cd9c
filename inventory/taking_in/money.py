"""Amounts of money as written in different countries, as decimal text. Which sign parts the decimals, a column says.

``1.299`` is a thousand and more, unless the currency has three decimals. Codes and decimals after ISO 4217.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest
from ops.written import DECIMALS, amount_of, amounts

CODES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()
)
SIGNS = {
    **{"€": "EUR", "£": "GBP", "US$": "USD", "A$": "AUD", "C$": "CAD"},
    **{"zł": "PLN", "Kč": "CZK", "₹": "INR", "₺": "TRY", "Fr": "CHF", "SFr": "CHF"},
}
# Signs of several currencies: they say which it is only together with a code given elsewhere.
SHARED = {"$": "AUD CAD HKD MXN NZD SGD USD".split(), "kr": "DKK ISK NOK SEK".split(), "¥": "CNY JPY".split()}
FORM = "an amount such as 1299.00"


def currency_of(sign: str, known: str = "", default: str = "") -> str:
    """The code of a sign or code beside an amount; ``known`` is that of the row, ``default`` that of the file.

    Empty text if nothing says it. Raise ``InvalidRequest`` for a sign that is none, says another currency than the
    row, or stands for several.
    """
    if not sign:
        return known or default
    code = SIGNS.get(sign) or (sign.upper() if sign.upper() in CODES else "")
    possible = SHARED.get(sign.casefold(), [code] if code else [])
    if not possible:
        raise InvalidRequest(f"{shown(sign)} is no currency", hint="a code such as EUR")
    if known and known not in possible:
        raise InvalidRequest(f"{shown(sign)} does not stand for {known}", hint="one currency in a row")
    if len(possible) > 1 and not known and default not in possible:
        raise InvalidRequest(f"{shown(sign)} can be {', '.join(possible)}", hint=f"say --currency {possible[-1]}")
    return known or (possible[0] if len(possible) == 1 else default)


def check_code(code: str) -> str:
    """A currency code in capitals; raise ``InvalidRequest`` for one that ISO 4217 does not have."""
    if code.upper() not in CODES:
        raise InvalidRequest(f"{shown(code)} is no currency", hint="a code such as EUR, USD, GBP, CHF")
    return code.upper()


@dataclass
class DecimalSign:
    """Finds which sign parts the decimals of one column: the one that fits all its amounts."""

    column: str
    places: int = 2

    def __post_init__(self) -> None:
        self._fits = set(DECIMALS)
        self._because: dict[str, tuple[int, str]] = {}
        self._open: tuple[int, str] | None = None
        self.bare: tuple[int, str] | None = None  # the first amount without a currency beside it

    def see(self, number: int, text: str) -> None:
        """One cell; what is no amount says nothing."""
        amount = amount_of(text)
        if amount is None or not (found := amounts(amount.number, self.places)):
            return
        if not amount.sign and self.bare is None:
            self.bare = (number, text)
        for name in self._fits - set(found):
            self._because.setdefault(name, (number, text))
        self._fits &= set(found)
        if len(set(found.values())) > 1 and self._open is None:
            self._open = (number, text)

    def decided(self, source: str) -> str:
        """``point`` or ``comma``. Raise ``InvalidRequest`` if neither or, where it matters, both fit."""
        hint = "say --decimals point or comma"
        if not self._fits:
            told = ", ".join(f"line {at} has {shown(text)}" for at, text in sorted(set(self._because.values())))
            raise InvalidRequest(f"{source}: {self.column} writes decimals in two ways: {told}", hint=hint)
        if len(self._fits) > 1 and self._open:
            told = f"{shown(self._open[1])} in line {self._open[0]} can be two amounts"
            raise InvalidRequest(f"{source}: {self.column}: {told}, and no row says which", hint=hint)
        return "point" if "point" in self._fits else "comma"
