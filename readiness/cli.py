"""The command line: score, plan, rubric, schemes, verify, accounts."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from readiness.core.languages import Language
from readiness.core.planning import NoBand
from readiness.core.profile import SECTORS
from readiness.core.wording import shown
from readiness.library.exports import UnreadableFile, read_answers_file
from readiness.library.schemas import FILES, schema_text
from readiness.library.yaml_files import FileProblems
from readiness.services import (
    account_commands,
    commands,
    impact_commands,
    publishing_commands,
    rubric_commands,
    scheme_commands,
)
from readiness.services.accounts import AccountUnknown, Capability, LastManager, NotAllowed
from readiness.services.doctor import Verdict, examine
from readiness.services.impact import NoWay
from readiness.services.invitations import AddressTaken, AddressUnreadable
from readiness.services.publishing import PublishingError
from readiness.services.versions import DigestDiffers, VersionUnknown
from readiness.settings import SettingMissing, read_settings, site_database

#: What cannot be done, said in a line for each problem.
REFUSALS = (
    UnreadableFile,
    FileProblems,
    VersionUnknown,
    DigestDiffers,
    SettingMissing,
    commands.SchemeUnknown,
    commands.DatabaseNotReady,
    AccountUnknown,
    AddressTaken,
    AddressUnreadable,
    LastManager,
    NotAllowed,
    NoWay,
    PublishingError,
)
#: Days that a plan can be made for.
EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 12, 31)


class Command(click.Command):
    """A command whose refusals are a line on stderr for each problem, and exit code 2."""

    def invoke(self, context: click.Context) -> object:
        """Run it; a number that it returns is the exit code."""
        try:
            status = super().invoke(context)
        except REFUSALS as error:
            _refuse(str(error))
        except NoBand as error:
            _refuse(*(f"answers.{id}: missing; allowed: a level or a mark" for id in error.missing))
        except OSError as error:
            _refuse(f"{error.filename or 'file'}: {error.strerror}")
        else:
            context.exit(status if isinstance(status, int) else 0)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


def main() -> None:
    """Run the command line; every problem is a line on stderr and exit code 2."""
    try:
        sys.exit(readiness.main(standalone_mode=False))
    except click.ClickException as error:
        _refuse(error.format_message())
    except click.Abort:
        _refuse("stopped")


def _refuse(*lines: str) -> NoReturn:
    click.echo("\n".join(lines), err=True)
    sys.exit(2)


@click.group(cls=Group)
@click.version_option(package_name="readiness")
def readiness() -> None:
    """AI readiness of small companies: score, plan, rubric versions, support schemes."""


@readiness.command()
@click.argument("file", type=click.Path(path_type=Path))
def score(file: Path) -> None:
    """Score the answers in FILE and print the result as JSON."""
    click.echo(commands.score_file(read_answers_file(file), rubric_folder(), database()))


@readiness.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lang", "language", type=click.Choice([each.value for each in Language]), help="Language of the PDF.")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write the PDF.")
@click.option("--today", "day", default=None, help="The plan's day, such as 2026-11-22; today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan itself instead.")
def plan(file: Path, language: str | None, output: Path | None, day: str | None, *, as_json: bool) -> None:
    """Make the plan for the answers in FILE: a PDF, or with --json the plan itself."""
    on = _day(day)
    content = read_answers_file(file)
    if as_json:
        click.echo(commands.plan_file_as_json(content, rubric_folder(), database(), on))
        return
    if language is None or output is None:
        raise click.UsageError("--lang and --output are needed for a PDF; --json prints the plan itself")
    if output.is_dir() or not output.absolute().parent.is_dir():
        raise click.UsageError(f"--output {output}: no file can be written there")
    pdf = commands.plan_file_as_pdf(content, rubric_folder(), database(), on, Language(language))
    _write_whole(output, pdf)


@readiness.group()
def rubric() -> None:
    """Rubric versions."""


@rubric.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def rubric_check(folder: Path | None) -> None:
    """Check the rubric version in FOLDER, or every version on disk."""
    for line in rubric_commands.check_rubrics(folder, rubric_folder(), database()):
        click.echo(line)


@rubric.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
def rubric_diff(one: str, other: str) -> None:
    """Say by meaning what differs between A and B, versions or folders, and which kind of change it is."""
    for line in rubric_commands.diff_rubrics(one, other, rubric_folder(), database()):
        click.echo(line)


@rubric.command("export")
@click.argument("version")
@click.argument("folder", type=click.Path(path_type=Path))
def rubric_export(version: str, folder: Path) -> None:
    """Write VERSION as files into FOLDER, which is new or empty; nothing but comments is lost."""
    click.echo(rubric_commands.export_rubric(version, folder, rubric_folder(), database()))


@rubric.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as", "email", required=True, metavar="MAIL", help="The account that submits it.")
def rubric_publish(folder: Path, email: str) -> None:
    """Put the rubric version in FOLDER in review; a second account confirms it on the web."""
    for line in publishing_commands.publish_folder(read_settings(), folder, email):
        click.echo(line)


@rubric.command("impact")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option("--period", nargs=2, default=None, metavar="FROM TO", help="Only what was submitted on these days.")
@click.option("--sector", default=None, help="Only companies of one sector.")
def rubric_impact(one: str, other: str, period: tuple[str, str] | None, sector: str | None) -> None:
    """Say what version B, by number or folder, would change for those assessed on A."""
    since, until = (_day(period[0], "--period"), _day(period[1], "--period")) if period else (None, None)
    if sector is not None and sector not in SECTORS:
        raise click.UsageError(f"--sector: {shown(sector)} is no sector; allowed: {', '.join(SECTORS)}")
    for line in impact_commands.impact_of(read_settings(), one, other, since, until, sector, _progress):
        click.echo(line)


@rubric.command("schema")
@click.argument("name", type=click.Choice(sorted(FILES)), default="rubric")
def rubric_schema(name: str) -> None:
    """Print the JSON Schema of one kind of file, with which an editor completes and checks it."""
    click.echo(schema_text(name), nl=False)


@readiness.group()
def schemes() -> None:
    """The catalogue of support schemes."""


@schemes.command("check")
@click.option("--today", "day", default=None, help="The day to judge by; today if left out.")
def schemes_check(day: str | None) -> None:
    """Check every scheme file; what is stale or was never compared with the live page is a warning."""
    for line in commands.check_schemes(rubric_folder(), _day(day)):
        click.echo(line)


@schemes.command("show")
@click.argument("scheme_id", metavar="ID")
@click.option("--on", "day", default=None, help="The day asked for; today if left out.")
@click.option("--as-known-on", "known", default=None, help="As the site knew it at the end of that day.")
def schemes_show(scheme_id: str, day: str | None, known: str | None) -> None:
    """Show a scheme as it was, is or will be on a day: what is known now, or what was known on another day."""
    known_on = _day(known, "--as-known-on") if known is not None else None
    site = read_settings().database if known_on else database()
    for line in commands.show_scheme(rubric_folder(), scheme_id, _day(day, "--on"), site, known_on):
        click.echo(line)


@schemes.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def schemes_export(folder: Path) -> None:
    """Write the site's schemes into FOLDER, as files to edit and to import again."""
    click.echo(scheme_commands.export_schemes(read_settings(), folder))


@schemes.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--as", "mail", required=True, metavar="MAIL", help="The account that answers for it.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def schemes_import(folder: Path, mail: str, *, dry_run: bool) -> None:
    """Bring the schemes of FOLDER into the site: the same rules as at the desk."""
    for line in scheme_commands.import_schemes(read_settings(), folder, mail, dry_run=dry_run):
        click.echo(line)


@schemes.command("links")
def schemes_links() -> None:
    """Try the address of every source of the site's schemes, and keep what each answered."""
    for line in scheme_commands.try_links(read_settings()):
        click.echo(line)


@readiness.command()
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> int:
    """Recompute an exported FILE: 0 it holds, 1 it does not, 2 it cannot be read."""
    lines = commands.verify_file(read_answers_file(file), rubric_folder(), database())
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("It holds: it follows from the answers; who gave them, and whether they are true, is not checked.")
    return 1 if lines else 0


@readiness.command()
def tick() -> None:
    """Do the daily work: delete what was kept long enough. For a timer; a server does it by itself."""
    settings = read_settings()
    done = commands.tick(settings)
    click.echo(
        f"deleted: {done.expired} companies after {settings.retention_months} months, "
        f"{done.unanswered} assessments begun and never answered, {done.printed} printed plans of earlier releases"
    )
    if not done.log_emptied:
        click.echo("SQLite's log is in use and could not be emptied; the next tick does it", err=True)


@readiness.command()
def doctor() -> int:
    """Check what the site needs: fonts, printing, secrets, rubric, clock, database, mail. 1 if something fails."""
    failed = False
    for finding in examine(read_settings()):
        click.echo(str(finding))
        failed = failed or finding.verdict is Verdict.FAIL
    return 1 if failed else 0


@readiness.group()
def account() -> None:
    """Staff accounts."""


@account.command("invite")
@click.argument("mail")
@click.option("--maintainer", is_flag=True, help="Give every capability.")
@click.option(
    "--may",
    "capabilities",
    multiple=True,
    type=click.Choice([each.value for each in Capability]),
    help="Give one capability; may be repeated.",
)
def account_invite(mail: str, capabilities: tuple[str, ...], *, maintainer: bool) -> None:
    """Make an account for MAIL and print the link that sets its password and second factor: once, within 7 days."""
    if maintainer == bool(capabilities):
        raise click.UsageError("give either --maintainer or --may, which may be repeated")
    given = list(Capability) if maintainer else [Capability(each) for each in capabilities]
    _print_link(*account_commands.invite(read_settings(), mail, given))


@account.command("list")
def account_list() -> None:
    """List all accounts with what each may do."""
    for each in account_commands.listed(read_settings()):
        state = "withdrawn" if not each.active else "" if each.enrolled else "invited" if each.invited_until else "over"
        said = {"": "signed up", "over": "never came, the invitation is over"}.get(state, state)
        click.echo(f"{each.email}: {said}; may: {', '.join(sorted(each.capabilities)) or 'nothing'}")


@account.command("withdraw")
@click.argument("mail")
def account_withdraw(mail: str) -> None:
    """Deactivate the account of MAIL; its sessions end."""
    account_commands.withdraw(read_settings(), mail)
    click.echo(f"{mail}: withdrawn")


@account.command("reset")
@click.argument("mail")
def account_reset(mail: str) -> None:
    """End password and second factors of the account of MAIL, and print a link that sets them anew."""
    _print_link(*account_commands.reset(read_settings(), mail))


def _print_link(link: str, mailed: bool) -> None:
    click.echo(link)
    click.echo("mailed too" if mailed else "not mailed: pass it on yourself", err=True)


def rubric_folder() -> Path:
    """Return the folder that the command line reads: ``READINESS_RUBRIC_FOLDER``, else the checkout's."""
    shipped = Path(__file__).resolve().parent.parent / "rubric"
    return Path(os.environ.get("READINESS_RUBRIC_FOLDER") or shipped)


def database() -> str | None:
    """Return the address of the site's database: as set, else that of the instance folder, or None without either."""
    return site_database()


def _day(text: str | None, option: str = "--today") -> date:
    if text is None:
        return commands.today()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise click.UsageError(f"{option}: {shown(text)} is no day from {EARLIEST} to {LATEST}; such as 2026-11-22")
    return day


def _progress(done: int, total: int) -> None:
    """Say on stderr how far it is, where a person looks on."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total}", err=True, nl=done >= total)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there wholly or not at all."""
    partial_file = path.with_name(f".readiness-{os.getpid()}.part")
    try:
        partial_file.write_bytes(content)
        partial_file.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        partial_file.unlink(missing_ok=True)
