"""Schemes leave as files and come back by the same rules; and what was known on an earlier day can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML

from readiness.library.canonical import ordered
from readiness.library.catalogue_folders import as_yaml, write_catalogue
from readiness.library.catalogues import read_catalogue_folder
from readiness.library.yaml_files import read_yaml
from readiness.models import CatalogueChange
from readiness.services import schemes_desk
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.site_catalogue import current_catalogue, head
from readiness.settings import ROOT
from tests.cli.conftest import run  # noqa: F401  (a fixture)
from tests.desk.conftest import SOURCE

SCHEMES = sorted((ROOT / "rubric" / "schemes").glob("*.yaml"))


@pytest.fixture
def command(run: Callable[..., Any], database: str) -> Callable[..., Any]:  # noqa: F811
    """Return how to run a command on the test's site."""
    return lambda *arguments: run(*arguments, database=database)


@pytest.mark.parametrize("path", [*SCHEMES, ROOT / "rubric" / "support.yaml"], ids=lambda path: path.stem)
def test_every_shipped_file_is_written_and_read_again_as_it_was(path: Path, tmp_path: Path) -> None:
    data = read_yaml(path)

    (tmp_path / "again.yaml").write_text(as_yaml(data), "utf-8")

    assert ordered(read_yaml(tmp_path / "again.yaml")) == ordered(data)


@pytest.mark.parametrize(
    "text",
    ["no", "Yes", "null", "~", "1", "1.0", "2026-01-01", "a: b", "- a", "# a", "'", '"', "\\", "{a", "*a", "!a", "%a",
     "a\nb", " a ", "資助：一半", "", "0x1f", "1e3", "on", ".inf", "=", "<<", "a\u2028b", "\t"],
)  # fmt: skip
def test_any_text_is_written_and_read_again_as_it_was(text: str, tmp_path: Path) -> None:
    data = {"text": text, "list": [text, text], text or "key": {"en": text, "zh-Hant": text}}

    (tmp_path / "again.yaml").write_text(as_yaml(data), "utf-8")

    assert read_yaml(tmp_path / "again.yaml") == data


def test_an_exported_folder_is_the_same_catalogue(command: Callable[..., Any], editor: Actor, tmp_path: Path) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    done = command("schemes", "export", tmp_path / "out")

    assert (done.status, done.err) == (0, "")
    db.session.rollback()
    assert read_catalogue_folder(tmp_path / "out").digest == current_catalogue(db.session).digest
    again = command("schemes", "import", tmp_path / "out", "--as", editor.email)
    assert (again.status, again.out) == (0, "changed: nothing\n")
    over = command("schemes", "export", tmp_path / "out")
    assert (over.status, "already" in over.err) == (2, True)


def edited(folder: Path, scheme: str, change: Callable[[Any], object]) -> None:
    path = folder / "schemes" / f"{scheme}.yaml"
    data = YAML(typ="safe").load(path.read_text("utf-8"))
    change(data)
    path.write_text(as_yaml(data), "utf-8")


def number() -> int:
    db.session.rollback()
    return head(db.session).number


def test_an_edited_file_shows_what_would_change_and_then_changes_it(
    command: Callable[..., Any], editor: Actor, tmp_path: Path
) -> None:
    command("schemes", "export", tmp_path)
    edited(tmp_path, "nittp", lambda data: data.update(short_name="TTP"))
    before = number()

    said = command("schemes", "import", tmp_path, "--as", editor.email.upper(), "--dry-run")
    assert (said.status, said.out) == (0, 'nittp.short_name: "NITTP" -> "TTP"\nwould change: nittp\n')
    assert number() == before

    done = command("schemes", "import", tmp_path, "--as", editor.email)
    assert (done.status, done.out) == (0, 'nittp.short_name: "NITTP" -> "TTP"\nchanged: nittp\n')
    assert number() == before + 1
    with db.engine.connect() as connection:
        row = connection.execute(sa.select(CatalogueChange).where(CatalogueChange.number == before + 1)).one()
    assert (row.kind, row.account_id, row.scheme_id) == ("import", editor.id, "nittp")


def test_what_others_changed_meanwhile_is_kept_and_the_same_scheme_is_refused(
    command: Callable[..., Any], editor: Actor, tmp_path: Path
) -> None:
    command("schemes", "export", tmp_path)
    edited(tmp_path, "nittp", lambda data: data.update(short_name="TTP"))
    schemes_desk.confirm_checked(editor, "erb")

    done = command("schemes", "import", tmp_path, "--as", editor.email)

    db.session.rollback()
    schemes = current_catalogue(db.session).document["schemes"]
    assert done.status == 0
    assert (schemes["nittp"]["short_name"], schemes["erb"]["checked_on"]) == ("TTP", today().isoformat())
    edited(tmp_path, "erb", lambda data: data.update(short_name="E.R.B."))
    refused = command("schemes", "import", tmp_path, "--as", editor.email)
    assert (refused.status, refused.out) == (2, "")
    assert "schemes/erb.yaml: was changed on the site since it was exported" in refused.err


def ahead(data: Any) -> None:
    data["facts"]["cap"]["values"][0]["known_in_force_by"] = "2099-01-01"


def wrong_share(data: Any) -> None:
    data["facts"]["subsidy_rate"]["values"][0]["value"] = "3/2"


def private(data: Any) -> None:
    data["where"]["href"] = "http://10.0.0.1/"


def swapped(data: Any) -> None:
    data["facts"]["cap"]["values"].reverse()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (ahead, "facts.cap.known_in_force_by"),
        (wrong_share, "facts.subsidy_rate"),
        (private, "no public host"),
        (swapped, "newest stands first"),
        (lambda data: data.update(id="other"), "other"),
        (lambda data: data.update(kind="innovation"), "support.yaml"),
    ],
)
def test_an_import_that_breaks_a_rule_is_refused_whole(
    command: Callable[..., Any], editor: Actor, tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    command("schemes", "export", tmp_path)
    edited(tmp_path, "erb", lambda data: data.update(short_name="E.R.B."))
    edited(tmp_path, "nittp", change)
    before = number()

    done = command("schemes", "import", tmp_path, "--as", editor.email)

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert number() == before


def test_a_scheme_cannot_vanish_by_its_file(command: Callable[..., Any], editor: Actor, tmp_path: Path) -> None:
    command("schemes", "export", tmp_path)
    (tmp_path / "schemes" / "tvp.yaml").unlink()

    done = command("schemes", "import", tmp_path, "--as", editor.email)

    assert (done.status, "schemes/tvp.yaml: is missing" in done.err) == (2, True)


def test_a_new_scheme_comes_in_as_a_file(command: Callable[..., Any], editor: Actor, tmp_path: Path) -> None:
    command("schemes", "export", tmp_path)
    data = YAML(typ="safe").load((tmp_path / "schemes" / "tvp.yaml").read_text("utf-8"))
    (tmp_path / "schemes" / "tvp-two.yaml").write_text(as_yaml({**data, "id": "tvp-two"}), "utf-8")

    done = command("schemes", "import", tmp_path, "--as", editor.email)

    assert (done.status, done.out.splitlines()[-1]) == (0, "changed: tvp-two")
    db.session.rollback()
    assert "tvp-two" in current_catalogue(db.session).catalogue.schemes


@pytest.mark.parametrize("origin", ["sha256:" + "0" * 64, "", "nonsense", "\x00"])
def test_a_folder_of_another_site_is_refused(
    command: Callable[..., Any], editor: Actor, tmp_path: Path, origin: str
) -> None:
    command("schemes", "export", tmp_path)
    (tmp_path / "ORIGIN.sha256").write_text(origin)

    done = command("schemes", "import", tmp_path, "--as", editor.email)

    assert (done.status, done.out) == (2, "")
    assert "ORIGIN.sha256" in done.err


def test_whoever_may_not_change_schemes_imports_nothing(
    command: Callable[..., Any], account: Callable[..., Actor], tmp_path: Path
) -> None:
    other = account(Capability.PUBLISH)
    command("schemes", "export", tmp_path)

    for mail, said in ((other.email, "edit_schemes"), ("nobody@example.com", "no account")):
        for option in ((), ("--dry-run",)):
            done = command("schemes", "import", tmp_path, "--as", mail, *option)
            assert (done.status, done.out) == (2, "")
            assert said in done.err


def test_what_was_known_on_a_day_can_be_told_from_what_was_in_force_on_it(
    command: Callable[..., Any], editor: Actor
) -> None:
    # The site learnt today that the cap changed a month ago; it first knew of schemes some days before.
    month_ago = today() - timedelta(days=30)
    earlier = (today() - timedelta(days=3)).isoformat()
    with db.engine.begin() as connection:
        _learnt_earlier(connection, days=5)
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=month_ago, source=SOURCE)

    def cap(*options: str) -> str:
        done = command("schemes", "show", "nittp", *options)
        assert (done.status, done.err) == (0, "")
        (line,) = re.findall(r"^Most it pays to one company.*: (HK\$[\d,]+)", done.out, re.MULTILINE)
        return str(line)

    assert cap("--on", earlier) == "HK$300,000"
    assert cap("--on", earlier, "--as-known-on", earlier) == "HK$250,000"
    assert cap("--on", earlier, "--as-known-on", today().isoformat()) == "HK$300,000"
    assert cap("--on", (month_ago - timedelta(days=1)).isoformat()) == "HK$250,000"
    never = command("schemes", "show", "nittp", "--as-known-on", "2020-01-01")
    assert (never.status, never.out) == (2, "")
    assert "kept no schemes yet on 2020-01-01" in never.err


def _learnt_earlier(connection: sa.Connection, days: int) -> None:
    """Set the first row of the history back, for which its guard is taken away and put up again."""
    if connection.dialect.name == "sqlite":
        (guard,) = connection.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE name = 'catalogue_change_no_update'")
        ).one()
        connection.execute(sa.text("DROP TRIGGER catalogue_change_no_update"))
    else:
        guard = "ALTER TABLE catalogue_change ENABLE TRIGGER catalogue_change_no_update"
        connection.execute(sa.text("ALTER TABLE catalogue_change DISABLE TRIGGER catalogue_change_no_update"))
    (made_at,) = connection.execute(sa.select(CatalogueChange.made_at)).one()
    connection.execute(sa.update(CatalogueChange).values(made_at=made_at - timedelta(days=days)))
    connection.execute(sa.text(guard))


def test_the_site_is_asked_before_the_files(command: Callable[..., Any], editor: Actor) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    done = command("schemes", "show", "nittp")

    assert f"on {today()}: closed" in done.out


def test_asking_what_was_known_makes_no_database(run: Callable[..., Any], tmp_path: Path) -> None:  # noqa: F811
    done = run(
        "schemes", "show", "nittp", "--as-known-on", "2026-01-01", database=f"sqlite:///{tmp_path / 'none.sqlite'}"
    )

    assert (done.status, done.out) == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_an_export_overwrites_nothing(tmp_path: Path) -> None:
    version = read_catalogue_folder(ROOT / "rubric")
    (tmp_path / "support.yaml").write_text("mine")

    with pytest.raises(FileExistsError):
        write_catalogue(version.document, version.digest, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["support.yaml"]
    assert (tmp_path / "support.yaml").read_text() == "mine"
