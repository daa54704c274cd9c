"""Names of people: whoever starts gets a logon name that works everywhere, and hears why it is this one."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from ops.errors import InvalidRequest
from ops.naming import candidates, common_name, display_name, refuse_invisible, validate_logon_name
from ops.transliteration import latin

PATTERNS = ["{given}.{family}", "{g}{family}", "{family}{g}", "{given}{f}", "{family}.{given}", "{given}_{family}"]


def ladder(given: str, family: str, pattern: str = PATTERNS[0], *, middle: str = "", steps: int = 3) -> list[str]:
    return [candidate.name for candidate in islice(candidates(given, family, pattern, middle=middle), steps)]


def refused(given: str, family: str, pattern: str = PATTERNS[0]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        list(islice(candidates(given, family, pattern), 3))
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("{given}.{family}", ["amy.ng", "amy.l.ng", "amy.ng2", "amy.ng3"]),
        ("{g}{family}", ["ang", "alng", "ang2", "ang3"]),
        ("{family}{g}", ["nga", "ngal", "nga2", "nga3"]),
        ("{given}{f}", ["amyn", "amyln", "amyn2", "amyn3"]),
        ("{given}_{family}", ["amy_ng", "amy_l_ng", "amy_ng2", "amy_ng3"]),
        ("X-{family}", ["x-ng", "x-ng2", "x-ng3", "x-ng4"]),
    ],
)
def test_the_ladder_is_the_pattern_then_the_middle_initial_then_numbers(pattern: str, names: list[str]) -> None:
    assert ladder("Amy", "Ng", pattern, middle="Louise", steps=4) == names


def test_each_candidate_says_why_it_is_offered() -> None:
    reasons = [candidate.reason for candidate in islice(candidates("Amy", "Ng", middle="Louise"), 3)]
    assert reasons == [
        "made by the pattern",
        "made by the pattern, with the middle initial",
        "made by the pattern, with 2 added",
    ]


@pytest.mark.parametrize(
    ("given", "family", "names", "reason"),
    [
        ("Maximiliana", "Featherstonehaugh", ["maximiliana.feathers", "maximiliana.feather2"], "family name"),
        ("Wolfeschlegelsteinhausen", "Smith", ["wolfeschlegels.smith", "wolfeschlegel.smith2"], "first name"),
        (
            "Wolfeschlegelstein",
            "Featherstone",
            ["wolfeschlegels.feath", "wolfeschlegel.feath2"],
            "family name and first",
        ),
        ("Abcdefghijklm-Nop", "Meyer", ["abcdefghijklm.meyer", "abcdefghijklm.meyer2"], "first name"),
        ("Anneliese-Marie", "Meyer-Schulze", ["anneliese-mari.meyer", "anneliese-mar.meyer2"], "shortened"),
        ("Alexandrina", "Smith-Johnson", ["alexandrina.smith-jo", "alexandrina.smith-j2"], "family name"),
        ("Alexandrinabx", "Smith-Johnson", ["alexandrinabx.smith", "alexandrinabx.smith2"], "family name"),
    ],
)
def test_names_give_way_to_twenty_characters_and_numbers_are_never_cut(
    given: str, family: str, names: list[str], reason: str
) -> None:
    offered = list(islice(candidates(given, family), 2))
    assert [candidate.name for candidate in offered] == names
    assert reason in offered[0].reason
    assert "to fit 20 characters" in offered[0].reason


def test_the_hundredth_of_one_name_still_has_the_whole_number() -> None:
    assert ladder("Maximiliana", "Featherstonehaugh", steps=100)[-1] == "maximiliana.feath100"


def test_the_ladder_ends_rather_than_asking_a_directory_for_ever() -> None:
    assert ladder("Amy", "Ng", steps=5000)[-1] == "amy.ng999"


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [
        ("Jörg", "von der Heyde", "joerg.vonderheyde"),
        ("Sinéad", "O'Neil", "sinead.oneil"),
        ("Seán", "O’Brien", "sean.obrien"),
        ("Anne-Marie", "Smith–Jones", "anne-marie.smith-jones"[:20]),
        ("Søren", "Kierkegård", "soeren.kierkegaard"),
        ("Þóra", "Guðmundsdóttir", "thora.gudmundsdottir"),
        ("Đặng", "Thị", "dang.thi"),
        ("Łukasz", "Święcicki", "lukasz.swiecicki"),
        ("IŞIL", "Yıldız", "isil.yildiz"),
        ("İpek", "Ağaoğlu", "ipek.agaoglu"),
        ("Zoe\u0308", "STRAẞE", "zoe.strasse"),
        ("Jo\u0308rg", "Bjo\u0308rk", "joerg.bjoerk"),
        ("Лев", "Щербаков", "lev.shcherbakov"),
        ("小明", "王", "xiaoming.wang"),
        ("Γιώργος", "Παπάς", "giorgos.papas"),
        ("דוד", "לוי", "dvd.lvy"),
        ("محمد", "علی\u200cزاده", "mhmd.lyzdh"),
        ("Ａｍｙ", "Ｎｇ", "amy.ng"),
        ("Kaʻiulani", "Gal·la", "kaiulani.galla"),
        ("  Amy  ", "\tNg"[1:], "amy.ng"),
        ("Amy 👍", "Ng №1", "amy.ng1"),
        ("-Amy-", "Ng -- Smith", "amy.ng-smith"),
        ("Nuñez", "Ĳsbrand", "nunez.ijsbrand"),
    ],
)
def test_names_of_any_script_are_written_as_in_a_passport(given: str, family: str, name: str) -> None:
    assert ladder(given, family)[0] == name


@pytest.mark.parametrize("pattern", PATTERNS)
def test_people_with_one_name_get_it_whole_whatever_the_pattern(pattern: str) -> None:
    assert ladder("Sukarno", "", pattern, middle="X") == ["sukarno", "sukarno2", "sukarno3"]
    assert ladder("", "Sukarno", pattern) == ["sukarno", "sukarno2", "sukarno3"]


def test_a_guessed_spelling_says_so_and_a_latin_one_does_not() -> None:
    assert "ask how its owner writes it" in next(candidates("محمد", "Ng")).reason
    assert "ask" not in next(candidates("Kaʻiulani", "Łukasz")).reason


@pytest.mark.parametrize(
    ("given", "family", "pattern", "instead"),
    [
        ("Guest", "", PATTERNS[0], "guest2"),
        ("Root", "", PATTERNS[0], "root2"),
        ("Post", "Master", "{given}{family}", "postmaster2"),
        ("Nul", "", PATTERNS[0], "nul2"),
    ],
)
def test_a_name_of_the_systems_own_gets_a_number(given: str, family: str, pattern: str, instead: str) -> None:
    assert ladder(given, family, pattern)[0] == instead


@pytest.mark.parametrize(
    ("given", "family", "said"),
    [
        ("", "", "it has no letters"),
        ("👍", "!!!", "it has no letters"),
        ("007", "", "it has no letter"),
        ("Con", "Nolan", "Windows keeps con for a device"),
        ("Krbtgt", "", "it belongs to the system"),
    ],
)
def test_where_no_name_can_be_made_the_next_step_is_to_choose_one(given: str, family: str, said: str) -> None:
    error = refused(given, family)
    assert said in str(error)
    assert error.hint == "choose one with --logon"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{first}.{family}", "{first}"),
        ("{Given}", "{Given}"),
        ("{}", "{}"),
        ("staff", "would name everybody the same"),
        ("{given", "would name everybody the same"),
        ("{given}.{family", "more than placeholders"),
        ("{given}@{family}", "more than placeholders"),
        ("{given} {family}", "more than placeholders"),
        ("{given}-department-of", "more than placeholders"),
        ("{given}\n", "more than placeholders"),
    ],
)
def test_a_pattern_that_is_none_is_refused_and_the_placeholders_are_listed(pattern: str, said: str) -> None:
    error = refused("Amy", "Ng", pattern)
    assert said in str(error)
    assert "{given}" in error.hint
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\x1b", "\x00", "\n", "\u200b", "\u200f", "\ufeff", "\u2028"]
)
def test_invisible_characters_in_a_name_are_shown_and_refused(character: str) -> None:
    for given, family in ((f"A{character}my", "Ng"), ("Amy", f"Ng{character}")):
        assert f"U+{ord(character):04X}" in str(refused(given, family))
        with pytest.raises(InvalidRequest):
            common_name(given, family, "amy.ng")
    with pytest.raises(InvalidRequest, match="middle name"):
        next(candidates("Amy", "Ng", middle=character))


def test_joiners_that_persian_and_indian_names_are_written_with_are_welcome() -> None:
    refuse_invisible("علی\u200cزاده श\u200dर्मा", "first name")


@pytest.mark.parametrize("name", ["amy.ng", "Amy.Ng", "a", "x_1-2.b", "a" * 20, "console", "con2", "4you", "guests2"])
def test_a_logon_name_that_works_everywhere_is_allowed(name: str) -> None:
    validate_logon_name(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "it is empty"),
        ("a" * 21, "it has 21 characters, and 20 is the most"),
        *((f"a{character}b", f"does not allow {character} in it") for character in '"/\\[]:;|=,+*?<>@'),
        ("amy ng", "a space"),
        ("amy.", "a dot cannot stand at its end"),
        ("amy..ng", "a dot cannot"),
        (".amy", "it takes letters"),
        ("-amy", "it takes letters"),
        ("_amy", "it takes letters"),
        ("amy$", "it takes letters"),
        ("o'neil", "it takes letters"),
        ("jörg", "it takes letters"),
        ("amy\n", "it takes letters"),
        ("amy\u202e", "it takes letters"),
        ("1234", "it has no letter"),
        ("1.2", "it has no letter"),
        ("krbtgt", "it belongs to the system"),
        ("KRBTGT_7", "it belongs to the system"),
        ("Administrator", "it belongs to the system"),
        ("guest", "it belongs to the system"),
        ("postmaster", "it belongs to the system"),
        ("con", "Windows keeps con"),
        ("CON.nolan", "Windows keeps con"),
        ("lpt1", "Windows keeps lpt1"),
    ],
)
def test_a_logon_name_that_would_fail_somewhere_is_refused_with_the_reason(name: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        validate_logon_name(name)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.hint


def test_display_and_common_names_have_single_spaces_and_keep_their_script() -> None:
    assert display_name(" Amy ", "van  der Berg") == "Amy van der Berg"
    assert display_name("Sukarno", "") == "Sukarno"
    assert common_name("محمد", "علي", "m.ali") == "محمد علي (m.ali)"
    assert common_name("", "", "amy.ng") == "(amy.ng)"


def test_a_common_name_has_64_characters_at_most_and_the_whole_logon_name() -> None:
    name = common_name("A" * 100, "Ng", "amy.ng")
    assert len(name) == 64
    assert name.endswith(" (amy.ng)")


TEXT = st.text(max_size=40) | st.text("AaÄß'- .\u0308\u0301王علЩ12", max_size=40)


@anything(TEXT, TEXT, TEXT, st.sampled_from(PATTERNS))
def test_any_name_at_all_gives_valid_candidates_each_once_or_one_clear_refusal(
    given: str, family: str, middle: str, pattern: str
) -> None:
    names: list[str] = []
    try:
        names = ladder(given, family, pattern, middle=middle, steps=12)
    except InvalidRequest as error:
        refusal = str(error)
    else:
        refusal = ""
        assert len(names) == len(set(names)) > 0
    assert "\n" not in refusal
    for name in names:
        validate_logon_name(name)


@anything(st.text())
def test_latin_letters_digits_and_hyphens_are_all_that_comes_out(text: str) -> None:
    assert set(latin(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
