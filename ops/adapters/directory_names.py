"""Distinguished names and search filters, escaped in one place (RFC 4514, RFC 4515)."""

from __future__ import annotations

from uuid import UUID

from ops.errors import InvalidRequest
from ops.naming import refuse_invisible

SPECIAL = ',+"\\<>;='
SEARCHED = ("sAMAccountName", "displayName", "mail", "employeeID", "sn", "givenName")


def escape_value(text: str) -> str:
    """One attribute value of a DN. Control characters have no place in a name and are refused."""
    refuse_invisible(text, "name")
    return _escaped(text)


def _escaped(text: str) -> str:
    escaped = "".join(_sign(char) for char in text)
    if escaped.startswith((" ", "#")):
        escaped = f"\\{escaped}"
    if escaped.endswith(" ") and len(text) > 1:
        escaped = f"{escaped[:-1]}\\ "
    return escaped


def _sign(char: str) -> str:
    if char in SPECIAL:
        return f"\\{char}"
    return char if char >= " " else f"\\{ord(char):02x}"  # entries that replication renamed have a line feed


def respelled(dn: str) -> str:
    """A DN as we write it: servers escape the same name in other ways (``\\3D`` for ``\\=``), and we compare text."""
    if "\\" not in dn:
        return dn
    first, rest = split(dn)
    kind, _, _ = first.partition("=")
    here = f"{kind}={_escaped(common_name(dn))}"
    return f"{here},{respelled(rest)}" if rest else here


def child(name: str, parent: str) -> str:
    """The DN of an entry called ``name`` directly below ``parent``."""
    return f"CN={escape_value(name)},{parent}"


def split(dn: str) -> tuple[str, str]:
    """First component and the rest: ``CN=Ng\\, Amy,OU=Staff,…`` → ``CN=Ng\\, Amy`` and ``OU=Staff,…``."""
    escaped = False
    for place, char in enumerate(dn):
        if char == "," and not escaped:
            return dn[:place], dn[place + 1 :]
        escaped = char == "\\" and not escaped
    return dn, ""


def parent(dn: str) -> str:
    """The DN of the container."""
    return split(dn)[1]


def common_name(dn: str) -> str:
    """The value of the first component as a person reads it."""
    text = split(dn)[0].partition("=")[2]
    out = bytearray()
    place = 0
    while place < len(text):
        char = text[place]
        pair = text[place + 1 : place + 3]
        if char != "\\":
            out += char.encode()
            place += 1
        elif len(pair) == 2 and all(c in "0123456789abcdefABCDEF" for c in pair):
            out.append(int(pair, 16))
            place += 3
        else:
            out += pair[:1].encode()
            place += 2
    return out.decode(errors="replace")


def inside(dn: str, place: str) -> bool:
    """Whether the entry lies below this place, however deep."""
    return bool(place) and dn.lower().endswith("," + place.lower())


def equals(attribute: str, value: str) -> str:
    """The filter ``(attribute=value)``, with nothing of the value read as syntax."""
    if not attribute.replace("-", "").isalnum():
        raise InvalidRequest(f"{attribute!r} is not the name of an attribute")
    return f"({attribute}={escape_filter(value)})"


def escape_filter(value: str) -> str:
    """A value inside a filter (RFC 4515, 3); spaces too, for the library drops them at either end."""
    return "".join(c if c.isprintable() and c not in "*()\\ " else _octets(c) for c in value)


def _octets(char: str) -> str:
    return "".join(f"\\{octet:02x}" for octet in char.encode("utf-8", "replace"))


def has_guid(guid: str) -> str:
    """The filter for one objectGUID, given as text."""
    return "(objectGUID=" + "".join(f"\\{octet:02x}" for octet in UUID(guid).bytes_le) + ")"


def any_of(filters: list[str]) -> str:
    """One filter that matches what any of these does."""
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


def people_like(text: str) -> str:
    """A filter for people of whom a name, address or number contains a text, each character standing for itself."""
    parts = "".join(f"({name}=*{escape_filter(text)}*)" for name in SEARCHED)
    return f"(&(objectCategory=person)(objectClass=user)(|{parts}))"
