"""Command lines of programs that make copies: what they copy, where to. Anything else is no backup."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from posixpath import basename, dirname

from inventory.backup.found import Found, When, without_credentials, without_secret
from inventory.backup.settings import MASK, WITHIN, credential, setting

ENDS = frozenset(";&|()<>\n")
REDIRECTS = frozenset("<>")
COMPUTED = re.compile(r"[$<>]\([^()]*\)|`[^`]*`")  # what only a shell knows
VARIABLE = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?([-+])([^{}]*))?\})")
BUNDLE = re.compile("-(?=.{2})[a-zA-Z]*f[a-zA-Z]*")
# Names of variables whose value may be a secret.
UNTOLD = re.compile("PASS|SECRET|TOKEN|KEY|(?:^|_)(?:PWD?|PIN|AUTH|CRED[A-Z]*)(?:_|$)", re.IGNORECASE)
ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
STARTERS = ("sh", "bash", "dash", "exec", "nice", "ionice", "chronic", "sudo", "timeout")
TALK = frozenset("echo printf grep test [ which command apt apt-get dnf yum dpkg rpm systemctl pgrep pkill #".split())
SOURCED = (".", "source")
# Options that take the word after them. What is written as --option=value takes none.
RESTIC = frozenset(
    "-r --repo --repository-file -p --password-file --password-command --cache-dir --tag --host -H --exclude -e"
    " --iexclude --exclude-file --iexclude-file --files-from --files-from-raw --files-from-verbatim -o --option"
    " --limit-upload --limit-download --key-hint --cacert --tls-client-cert --exclude-larger-than"
    " --exclude-if-present --parent --time --compression --pack-size --retry-lock --read-concurrency"
    " --stdin-filename --group-by".split()
)
BORG = frozenset(
    "-e --exclude --exclude-from --exclude-if-present --pattern --patterns-from -C --compression --comment"
    " --timestamp -c --checkpoint-interval --chunker-params --files-cache --remote-path --rsh --umask --lock-wait"
    " --upload-ratelimit --upload-buffer --remote-ratelimit -r --repo --stdin-name --paths-from-command".split()
)
RSYNC = frozenset(
    "-e --rsh --exclude --include --exclude-from --include-from --link-dest --copy-dest --compare-dest --bwlimit"
    " --log-file --password-file -f --filter --backup-dir --chmod --chown --files-from --timeout --port -T --temp-dir"
    " --partial-dir --rsync-path --max-size --min-size --out-format --suffix -B --block-size".split()
)
TAR = frozenset(
    "-f --file -C --directory -X --exclude-from -g --listed-incremental -T --files-from -I --use-compress-program"
    " --exclude --newer-mtime -N -b --blocking-factor -V --label".split()
)

EXCLUDING = re.compile("--i?exclude")
PARTLY = "it leaves out what its --exclude options say"
NOT_WHOLE = "made without --relative: its files do not lie at their whole paths, and are not found there"
ONE_COPY = "one copy that is written over, no folder of dated trees: it cannot be looked into"


def commands(text: str) -> Iterator[list[str]]:
    """The simple commands of a line of shell, each as its words; nothing of a line that ends within quotes."""
    while (without := COMPUTED.sub("${?}", text)) != text:
        text = without
    lexer = shlex.shlex(WITHIN.sub(MASK, text), posix=True, punctuation_chars=";&|()<>")
    lexer.whitespace_split = True
    try:
        words = [word.replace(MASK, "#") for word in lexer]
    except ValueError:
        return
    found, skipped = list[str](), False
    for word in [*words, ";"]:
        if set(word) <= ENDS and set(word) & REDIRECTS:
            found, skipped = found[:-1] if found[-1:] and found[-1].isdigit() else found, True
        elif set(word) <= ENDS:
            if found:
                yield found
            found, skipped = [], False
        elif skipped:
            skipped = False
        else:
            found.append(word)


def jobs(text: str, origin: str, when: When, known: Mapping[str, str]) -> Iterator[Found]:
    """The backups a line makes; ``known`` are settings from files it reads."""
    here, variables = dict(known), dict[str, str]()
    for words in commands(text):
        tool, before, rest = _split([_expanded(word, variables) for word in words])
        assigned = dict[str, str]()
        for name, value in (match.groups() for word in before if (match := ASSIGNED.fullmatch(word))):
            assigned.update(setting(name, value))
            if not tool and (value.startswith("/") or not UNTOLD.search(name)):
                variables[name] = value
        if not tool:
            here |= assigned
            continue
        if (made := MAKERS[tool](rest, {**here, **assigned})) is not None:
            where, paths, notes, secret = made
            notes = [*notes, PARTLY if any(EXCLUDING.match(word) for word in rest) else ""]
            yield without_secret(Found(origin, tool, where, tuple(paths), when, secret, tuple(filter(None, notes))))


def _expanded(word: str, variables: Mapping[str, str]) -> str:
    """A word with what is known of its variables; of one that is set elsewhere, what stands for it if it is not."""

    def value(match: re.Match[str]) -> str:
        name, sign, other = match[1] or match[2], match[3], match[4] or ""
        if sign == "+":
            return other
        return variables.get(name, other if sign else match[0])

    return VARIABLE.sub(value, word)


def called(text: str) -> str:
    """The names of the programs a line calls, but of those that only talk; what they are told may hold a secret."""
    names = [next((basename(word) for word in words if not ASSIGNED.fullmatch(word)), "") for words in commands(text)]
    return ", ".join(dict.fromkeys(name for name in names if name and name not in TALK))


def sourced(text: str) -> list[str]:
    """The files of settings a line of shell reads first."""
    return [words[1] for words in commands(text) if words[0] in SOURCED and len(words) > 1 and words[1][:1] == "/"]


def scripts(text: str) -> list[str]:
    """The whole paths a line of shell may start programs from."""
    firsts = (next((word for word in words if word.startswith("/")), "") for words in commands(text))
    return [path for path in dict.fromkeys(firsts) if path]


def surely_started(text: str) -> set[str]:
    """Those of them that are no mere argument: they stand first, or behind what starts another program."""
    found = [[word for word in words if not ASSIGNED.fullmatch(word)] for words in commands(text)]
    begun = (words for words in found if words and (words[0].startswith("/") or words[0] in STARTERS))
    return {next((word for word in words if word.startswith("/")), "") for words in begun}


def calls_borgmatic(text: str) -> list[str] | None:
    """The configuration files of a call of borgmatic, none for all of them; None where it is not called."""
    for words in commands(text):
        names = [basename(word) for word in words]
        if "borgmatic" in names and not TALK & set(names[: names.index("borgmatic")]):
            rest = words[names.index("borgmatic") + 1 :]
            given = [rest[at + 1] for at, word in enumerate(rest[:-1]) if word in ("-c", "--config")]
            return given + [word.partition("=")[2] for word in rest if word.startswith("--config=")]
    return None


def _split(words: Sequence[str]) -> tuple[str, Sequence[str], Sequence[str]]:
    """Which tool a command calls, the words before its name and those after it."""
    for at, word in enumerate(words):
        if basename(word) in TALK:
            break
        if basename(word) in MAKERS and not ASSIGNED.fullmatch(word):
            return basename(word), words[:at], words[at + 1 :]
    return "", words, ()


Made = tuple[str, Sequence[str], Sequence[str], str] | None


def _parted(words: Sequence[str], taking: frozenset[str]) -> tuple[list[str], dict[str, str]]:
    """Plain words, and options with their values."""
    plain, options, at = list[str](), dict[str, str](), 0
    while at < len(words):
        word = words[at]
        name, equals, value = word.partition("=")
        if word == "--":
            plain += words[at + 1 :]
            break
        if word in taking and at + 1 < len(words):
            options[word] = words[at + 1]
            at += 1
        elif word.startswith("-") and len(word) > 1:
            options[name] = value if equals else ""
        else:
            plain.append(word)
        at += 1
    return plain, options


def _restic(words: Sequence[str], known: Mapping[str, str]) -> Made:
    plain, options = _parted(words, RESTIC)
    if plain[:1] != ["backup"]:
        return None
    where = options.get("-r") or options.get("--repo") or known.get("RESTIC_REPOSITORY", "")
    file = options.get("--repository-file") or known.get("RESTIC_REPOSITORY_FILE", "")
    secret, note = credential(known)
    if path := options.get("-p") or options.get("--password-file"):
        secret, note = credential({"RESTIC_PASSWORD_FILE": path})
    lists = [f"more paths stand in {options[name]}" for name in options if name.startswith("--files-from")]
    return where, plain[1:], [note, f"the repository stands in {file}" if file and not where else "", *lists], secret


def _borg(words: Sequence[str], known: Mapping[str, str]) -> Made:
    plain, options = _parted(words, BORG)
    if plain[:1] != ["create"] or len(plain) < 2:
        return None
    where = plain[1].partition("::")[0] or options.get("-r") or options.get("--repo") or known.get("BORG_REPO", "")
    secret, note = credential(known)
    return where, plain[2:], [note], secret


def _rsync(words: Sequence[str], known: Mapping[str, str]) -> Made:  # noqa: ARG001
    plain, options = _parted(words, RSYNC)
    if len(plain) < 2:
        return None
    where, paths = plain[-1], [path.rstrip("/") or path for path in plain[:-1]]
    whole = "--relative" in options or any("R" in name for name in options if name[:2] != "--")
    if {"--link-dest", "--copy-dest"} & options.keys():
        return dirname(where.rstrip("/")), paths, ["" if whole else NOT_WHOLE], ""
    note = "" if "--delete" in "".join(options) else "it deletes nothing: files that are gone stay in the copy"
    return where, paths, [note, ONE_COPY], ""


def _tar(words: Sequence[str], known: Mapping[str, str]) -> Made:  # noqa: ARG001
    if not words:
        return None
    first = words[0] if words[0].startswith("-") else f"-{words[0]}"
    plain, options = _parted([one for word in (first, *words[1:]) for one in _apart(word)], TAR)
    creates = "--create" in options or any("c" in name[1:] for name in options if name[:2] != "--")
    file = options.get("-f") or options.get("--file", "")
    if not creates or file in ("", "-") or not plain:
        return None
    base = options.get("-C") or options.get("--directory", "")
    paths = [path if path.startswith("/") else f"{base.rstrip('/')}/{path}" if base else path for path in plain]
    called_so = f"its archives are called {without_credentials(file)}"
    return dirname(file) or ".", [path.removesuffix("/.") for path in paths], [called_so], ""


def _apart(word: str) -> list[str]:
    """``-cf`` as ``-c -f``: the file is the next word."""
    return [word.replace("f", ""), "-f"] if BUNDLE.fullmatch(word) else [word]


MAKERS = {"restic": _restic, "borg": _borg, "rsync": _rsync, "tar": _tar}
