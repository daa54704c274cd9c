"""Seeded people: names in many scripts and languages, always the same for the same count.

Each name brings its usual Latin spelling, because that is what its owner would want in a logon name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DEPARTMENTS = {
    "IT": "role-it",
    "Finance": "role-finance",
    "Human Resources": "role-hr",
    "Sales": "role-sales",
    "Production": "role-production",
    "Logistics": "role-logistics",
    "Legal": "role-legal",
    "Research": "role-research",
}
TITLES = ("Head of {}", "Team lead {}", "Specialist {}", "Assistant {}", "Apprentice {}")
FIRST_UID = 10001  # numbers below belong to systems and their own accounts
REPORTS = 8  # nobody has more direct reports of one level, as in life
GIVEN = """
Zoë:zoe José:jose Анна:anna Δήμητρα:dimitra 美咲:misaki 伟:wei 지우:jiwoo فاطمة:fatima
דוד:david प्रिया:priya தமிழ்:thamizh ณัฐ:nat ሰላም:selam Թամար:tamar თამარ:tamari
Łukasz:lukasz Nguyễn:nguyen Şebnem:sebnem Björn:bjorn Ōtara:otara Wanjiru:wanjiru
Siân:sian O'Neil:oneil Ngũgĩ:ngugi Đorđe:dorde Þór:thor Ağca:agca
Françoise:francoise Ines:ines Kofi:kofi Олена:olena রহিম:rahim ਗੁਰਪ੍ਰੀਤ:gurpreet
මාලිනී:malini Ægir:aegir
""".split()
FAMILY = """
Müller:mueller Núñez:nunez Иванова:ivanova Παπαδοπούλου:papadopoulou 佐藤:sato
王:wang 김:kim الزهراء:alzahra כהן:cohen शर्मा:sharma முருகன்:murugan สุขใจ:sukjai
ተስፋዬ:tesfaye Պետրոսյան:petrosyan ბერიძე:beridze Wójcik:wojcik Trần:tran
Yılmaz:yilmaz Sørensen:sorensen Kahananui:kahananui Mwangi:mwangi Ó'Brien:obrien
d'Angelo:dangelo wa-Thiong'o:wathiongo Živković:zivkovic Jónsdóttir:jonsdottir
Özgür:ozgur Lefèvre-Dubois:lefevredubois Nkrumah:nkrumah Шевченко:shevchenko
চৌধুরী:chowdhury ਸਿੰਘ:singh පෙරේරා:perera von_der_Heyde:vonderheyde Smith:smith
""".split()


@dataclass(frozen=True)
class Person:
    """Somebody of the company. ``boss`` is the position of the manager in the list; None for heads.

    ``uid`` is the number that owns their files on every Linux host, in a group of the same number.
    """

    logon: str
    given: str
    family: str
    department: str
    role: str
    number: str
    title: str
    boss: int | None
    uid: int


def people(count: int) -> Iterator[Person]:
    """Yield so many people; heads come first."""
    given, family = ([pair.replace("_", " ").split(":") for pair in names] for names in (GIVEN, FAMILY))
    departments, taken = list(DEPARTMENTS), dict[str, int]()
    width = len(departments)
    for place in range(count):
        first, short = given[place % len(given)]
        last, long = family[(place + place // len(given)) % len(family)]
        name = f"{short[0]}{long}"[:16]
        taken[name] = taken.get(name, 0) + 1
        logon = name + (str(taken[name]) if taken[name] > 1 else "")
        department = departments[place % width]
        title = TITLES[min(place // width, 4)].format(department)
        boss = place % width + (place // width - 1) // REPORTS * width if place >= width else None
        yield Person(
            logon, first, last, department, DEPARTMENTS[department], f"P{place + 1:05}", title, boss, FIRST_UID + place
        )
