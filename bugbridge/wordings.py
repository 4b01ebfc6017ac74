"""The rules for how replies are worded, from the files that come with BugBridge and from the team's own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bugbridge.core.errors import ConfigError
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Wording


def shipped_files(folder: Path) -> Sequence[Path]:
    """Give the files of a folder: English is `wording.toml`, any other language `wording.LANGUAGE.toml`."""
    return (folder / "wording.toml", *sorted(folder.glob("wording.*.toml")))


def read_wordings(folder: Path, own: Sequence[Path] = ()) -> Mapping[str, Wording]:
    """Read the files of a folder, then the team's own, which add to them; give the rules by language.

    Raises ConfigError with every problem of all files, each naming its file, and its line where there is one.
    """
    problems: list[str] = []
    files = list(_read((*shipped_files(folder), *own), problems))
    try:
        wordings = parse_wordings(files)
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    return wordings


def _read(paths: Iterable[Path], problems: list[str]) -> Iterable[WordingFile]:
    for path in paths:
        try:
            yield WordingFile(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            problems.append(f"The wording file {path} can't be read: {error.strerror}.")
        except UnicodeDecodeError:
            problems.append(f"The wording file {path} isn't UTF-8 text: save it as UTF-8.")
