"""The tables: what must always hold is a named constraint here; rules live in the core, transactions in services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """The base of all tables."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        date: sa.Date(),
        UUID: sa.Uuid(),
        dict[str, Any]: sa.JSON(),
        Any: sa.JSON(),
    }


class Status(StrEnum):
    """Where an assessment stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    #: A draft that goes on as another one on a newer version of the rubric; kept as it was, for the way back.
    MOVED = "moved"
    #: A draft on a newer version whose move was undone after something was said in it; kept, and never opened.
    UNDONE = "undone"


class Access(StrEnum):
    """What a link allows."""

    EDIT = "edit"
    READ = "read"


class Given(StrEnum):
    """On which occasion a link was made."""

    PAGE = "page"
    MAIL = "mail"
    SHARE = "share"


class Occasion(StrEnum):
    """Why a revision was begun."""

    #: The company had no result before.
    FIRST = "first"
    #: Answers of a result were changed or corrected.
    CHANGE = "change"
    #: The company was assessed again, every answer of last time being to confirm.
    AGAIN = "again"


class ActionState(StrEnum):
    """How far an action of a plan is."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class Role(StrEnum):
    """What somebody in a guided session does in the company."""

    OWNER = "owner"
    MANAGEMENT = "management"
    FINANCE = "finance"
    OPERATIONS = "operations"
    SALES = "sales"
    IT = "it"
    STAFF = "staff"
    OTHER = "other"


class StoredRubric(Model):
    """A rubric version: one immutable document. Only a candidate may exist more than once under its number."""

    __tablename__ = "rubric_version"
    __table_args__ = (
        sa.UniqueConstraint("number", "digest"),
        sa.CheckConstraint(
            "state IN ('draft', 'candidate', 'in_review', 'published', 'retired')", name="state_is_known"
        ),
        sa.Index(
            "uq_rubric_version_published_number",
            "number",
            unique=True,
            sqlite_where=sa.text("state IN ('published', 'retired')"),
            postgresql_where=sa.text("state IN ('published', 'retired')"),
        ),
        sa.Index(
            "uq_rubric_version_number_in_review",
            "number",
            unique=True,
            sqlite_where=sa.text("state = 'in_review'"),
            postgresql_where=sa.text("state = 'in_review'"),
        ),
        sa.CheckConstraint("submitted_by_id <> published_by_id", name="four_eyes"),
        sa.CheckConstraint(
            "(submitted_by_id IS NULL) = (submitted_at IS NULL) AND (published_by_id IS NULL) = (published_at IS NULL)",
            name="who_and_when_go_together",
        ),
        sa.CheckConstraint("state <> 'in_review' OR submitted_by_id IS NOT NULL", name="review_was_asked_for"),
        sa.CheckConstraint(
            "state NOT IN ('published', 'retired') OR released"
            " OR (submitted_by_id IS NOT NULL AND published_by_id IS NOT NULL)",
            name="published_by_two_or_released",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(sa.String(32))
    digest: Mapped[str] = mapped_column(sa.String(71))
    state: Mapped[str] = mapped_column(sa.String(16))
    #: Canonical JSON: the digest is that of this very text.
    document: Mapped[str] = mapped_column(sa.Text, deferred=True)
    created_at: Mapped[datetime]
    # An account that published something is never deleted, only ended.
    submitted_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    submitted_at: Mapped[datetime | None]
    published_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    published_at: Mapped[datetime | None]
    #: Whether a release published it, through a line in PUBLISHED.sha256: the only exception from four eyes.
    released: Mapped[bool] = mapped_column(default=False)


class VersionStep(Model):
    """What happened to a version on its way, and who did it: rows are only added."""

    __tablename__ = "rubric_step"
    __table_args__ = (
        sa.CheckConstraint("step IN ('submitted', 'sent_back', 'confirmed', 'retired')", name="step_is_known"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"), index=True)
    step: Mapped[str] = mapped_column(sa.String(16))
    #: Why, in the words of whoever did it.
    note: Mapped[str] = mapped_column(sa.Text, default="")
    done_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    done_at: Mapped[datetime]


class StoredDraft(Model):
    """A version that is being written at the desk. It may be incomplete: the check says what is missing."""

    __tablename__ = "rubric_draft"
    __table_args__ = (
        sa.CheckConstraint("counter >= 0", name="counter_counts_from_zero"),
        sa.CheckConstraint("(closed_by_id IS NULL) = (closed_at IS NULL)", name="closed_by_someone"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(sa.String(32))
    #: The version that it was made from.
    version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"))
    #: Canonical JSON.
    document: Mapped[str] = mapped_column(sa.Text, deferred=True)
    #: By language and key, the mark of the English text that a translation was made from.
    translated_from: Mapped[dict[str, Any]]
    #: How often it was changed.
    counter: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
    changed_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime]
    #: Set once it was put aside or became a version.
    closed_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    closed_at: Mapped[datetime | None]


class DraftChange(Model):
    """What was changed in a draft, by whom and when: rows are only added."""

    __tablename__ = "rubric_draft_change"
    __table_args__ = (sa.UniqueConstraint("draft_id", "counter", "path"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_draft.id", ondelete="RESTRICT"))
    #: The draft's counter after this change.
    counter: Mapped[int]
    path: Mapped[str] = mapped_column(sa.String(255))
    before: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    changed_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime]


class ImpactRun(Model):
    """A reckoning of what another version would change for those who were assessed."""

    __tablename__ = "impact_run"
    __table_args__ = (
        sa.CheckConstraint("state IN ('running', 'done', 'cancelled', 'failed')", name="state_is_known"),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="outcome_when_done"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: What was asked: the two versions with their digests, the period, the sector.
    asked: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(16), default="running")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    #: Whether someone asked to stop it.
    cancel: Mapped[bool] = mapped_column(default=False)
    #: What was found, as JSON text.
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    started_by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    started_at: Mapped[datetime]
    #: When it was last seen to move: a run whose process ended does not.
    moved_at: Mapped[datetime]


class StoredCatalogue(Model):
    """A state of the scheme catalogue, kept by digest so that a frozen plan can be printed again.

    The JSON keeps the order of its keys, in which facts are shown; the digest is that of the sorted form.
    """

    __tablename__ = "catalogue_version"

    digest: Mapped[str] = mapped_column(sa.String(71), primary_key=True)
    document: Mapped[str] = mapped_column(sa.Text, deferred=True)
    created_at: Mapped[datetime]


class Assessment(Model):
    """One revision of a company's answers to one version of the rubric.

    Changing a submitted assessment makes a further revision of the same family; the earlier ones stay.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        sa.UniqueConstraint("family_id", "revision"),
        sa.CheckConstraint("revision >= 1", name="revision_counts_from_one"),
        sa.CheckConstraint("company_version >= 0", name="company_version_counts_from_zero"),
        sa.CheckConstraint("status IN ('draft', 'submitted', 'moved', 'undone')", name="status_is_known"),
        sa.CheckConstraint("occasion IN ('first', 'change', 'again')", name="occasion_is_known"),
        sa.CheckConstraint(
            "(status = 'submitted') = (submitted_at IS NOT NULL)", name="submitted_at_set_when_submitted"
        ),
        sa.CheckConstraint("(status = 'submitted') = (result IS NOT NULL)", name="result_frozen_when_submitted"),
        sa.CheckConstraint("checked IS NULL OR result IS NOT NULL", name="checked_frozen_with_the_result"),
        # Two windows that both ask for a new revision get the same one.
        sa.Index(
            "uq_assessment_one_draft",
            "family_id",
            unique=True,
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        ),
        # What the database looks for when a draft is deleted that others may have been moved from.
        sa.Index(
            "ix_assessment_moved_from_id",
            "moved_from_id",
            sqlite_where=sa.text("moved_from_id IS NOT NULL"),
            postgresql_where=sa.text("moved_from_id IS NOT NULL"),
        ),
        # What the retention looks for.
        sa.Index("ix_assessment_saved_at", "saved_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # Set at creation and never updated: answers mean nothing under another rubric.
    rubric_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"))
    #: The submitted revision whose answers it changes.
    revises_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("assessment.id", ondelete="SET NULL"))
    #: The draft on an older version of the rubric that it was moved from.
    moved_from_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("assessment.id", ondelete="SET NULL"))
    #: Shared by all revisions: what belongs to one company, and is deleted together.
    family_id: Mapped[UUID] = mapped_column(default=uuid4)
    revision: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(sa.String(16), default=Status.DRAFT.value)
    #: Why it was begun; what is moved to a newer version keeps it.
    occasion: Mapped[str] = mapped_column(sa.String(8), default=Occasion.FIRST.value)
    #: The company's profile; a key that is absent is unknown.
    company: Mapped[dict[str, Any]]
    #: Whether the page about the company was saved, perhaps with nothing on it.
    company_asked: Mapped[bool] = mapped_column(default=False)
    #: How often the profile was changed: a form that saw an earlier state overwrites nothing.
    company_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    #: Frozen at submission: what the answers came to, with the rubric's digest. JSON text, so that no number changes.
    result: Mapped[str | None] = mapped_column(sa.Text)
    #: Frozen at submission where a consultant graded answers or held levels back: see ``core.evidence_records``.
    checked: Mapped[str | None] = mapped_column(sa.Text)


class AnswerRow(Model):
    """What was said on one question: an answer, a note, or both; ``version`` counts its changes."""

    __tablename__ = "answer"
    __table_args__ = (
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
        sa.CheckConstraint("value IS NOT NULL OR note <> ''", name="something_is_said"),
    )

    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    #: Null where there is only a note.
    value: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int]
    saved_at: Mapped[datetime]
    #: Carried over from a question in other words; saving it again confirms it.
    to_confirm: Mapped[bool] = mapped_column(default=False)


class AsideRow(Model):
    """What was said on a question and has no place in the version that the assessment is on: kept, and not scored."""

    __tablename__ = "answer_aside"
    __table_args__ = (sa.CheckConstraint("value IS NOT NULL OR note <> ''", name="something_is_said"),)

    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    #: The version that the question belongs to.
    rubric_version_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"), primary_key=True
    )
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    #: Null where there is only a note.
    value: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    reason: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    #: When it was said.
    saved_at: Mapped[datetime]


class Unclear(Model):
    """Somebody did not understand a question, and perhaps said why; for those who write the questions."""

    __tablename__ = "unclear_question"

    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    #: "" where nothing was written.
    text: Mapped[str] = mapped_column(sa.Text, default="")
    said_at: Mapped[datetime]


class AnswerChange(Model):
    """What was changed when: rows are only added."""

    __tablename__ = "answer_change"

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[str] = mapped_column(sa.String(64))
    before: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    note_before: Mapped[str] = mapped_column(sa.Text, default="")
    note_after: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int]
    changed_by: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]


class Link(Model):
    """A way to an assessment. Only the hash of its token is kept.

    An editing link opens the newest revision, a reading link the one that it was given for.
    """

    __tablename__ = "link"
    __table_args__ = (
        sa.CheckConstraint("access IN ('edit', 'read')", name="access_is_known"),
        sa.CheckConstraint("given IN ('page', 'mail', 'share')", name="given_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    access: Mapped[str] = mapped_column(sa.String(8))
    given: Mapped[str] = mapped_column(sa.String(8), default=Given.PAGE.value)
    #: For whom, in the owner's words.
    label: Mapped[str] = mapped_column(sa.String(60), default="")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class StoredPlan(Model):
    """A frozen plan. Later facts about the company make a further plan; the earlier ones stay."""

    __tablename__ = "plan"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_on: Mapped[date]
    company: Mapped[dict[str, Any]]
    catalogue_digest: Mapped[str] = mapped_column(sa.ForeignKey("catalogue_version.digest", ondelete="RESTRICT"))
    #: The plan's record as JSON text.
    document: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]


class StoredPdf(Model):
    """A plan printed in one language: rendered once, served from here."""

    __tablename__ = "plan_pdf"

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    #: The release that rendered it.
    renderer: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[bytes]
    created_at: Mapped[datetime]


class Loaded(Model):
    """The state of the rubric folder that was loaded last: while its bytes are the same, it is not read again."""

    __tablename__ = "loaded"

    #: SHA-256 of every file's name and bytes, and of the code that reads them.
    fingerprint: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    catalogue_digest: Mapped[str] = mapped_column(sa.ForeignKey("catalogue_version.digest", ondelete="RESTRICT"))
    loaded_at: Mapped[datetime]


class Chore(Model):
    """When a recurring piece of work was last done, so that one process does it for all."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    done_at: Mapped[datetime]


class Account(Model):
    """A member of staff. The names of the columns for sign-in are those that Flask-Security reads."""

    __tablename__ = "account"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    #: Null for whoever signs in by passkey alone.
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    #: What a signed session names; changing it ends every session.
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]

    # What the sign-in library asks of whoever is signed in.
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    @property
    def is_active(self) -> bool:
        """Whether it may sign in."""
        return self.active

    def get_id(self) -> str:
        """Return what a session keeps of it."""
        return self.fs_uniquifier


class Grant(Model):
    """One capability that an account was given."""

    __tablename__ = "account_capability"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    capability: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    #: Null where the command line gave it.
    given_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    given_at: Mapped[datetime]


class CatalogueChange(Model):
    """A step in the history of the site's catalogue; the newest one says which catalogue is in force.

    Rows are only added: two editors who write the same next number cannot both succeed.
    """

    __tablename__ = "catalogue_change"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('release', 'edit', 'import', 'settled')", name="kind_is_known"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
        sa.CheckConstraint("(number = 1) = (parent_digest IS NULL)", name="all_but_the_first_follow_one"),
        sa.Index("ix_catalogue_change_scheme_id", "scheme_id"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(sa.ForeignKey("catalogue_version.digest", ondelete="RESTRICT"))
    parent_digest: Mapped[str | None] = mapped_column(sa.ForeignKey("catalogue_version.digest", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: The one scheme that was changed; null where several were.
    scheme_id: Mapped[str | None] = mapped_column(sa.String(64))
    #: What differs from the parent: a list of ``{"path": [...], "before": ..., "after": ...}``.
    differences: Mapped[Any]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    #: Null for a release, and once the account is gone.
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]


class CatalogueConflict(Model):
    """A scheme that both the site and a release changed: the site's record holds until someone settles it."""

    __tablename__ = "catalogue_conflict"

    change_number: Mapped[int] = mapped_column(
        sa.ForeignKey("catalogue_change.number", ondelete="RESTRICT"), primary_key=True
    )
    #: A scheme, or "support" for the support matrix.
    scheme_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    shipped_digest: Mapped[str] = mapped_column(sa.ForeignKey("catalogue_version.digest", ondelete="RESTRICT"))
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("catalogue_change.number", ondelete="RESTRICT"))


class PlanScheme(Model):
    """A scheme that a plan recommends, so that plans can be counted without reading them."""

    __tablename__ = "plan_scheme"
    __table_args__ = (sa.Index("ix_plan_scheme_scheme_id", "scheme_id"),)

    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    scheme_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class LinkCheck(Model):
    """Whether a source's address answered when it was last tried."""

    __tablename__ = "link_check"

    #: SHA-256 of the address: some are longer than an index takes.
    href_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    href: Mapped[str] = mapped_column(sa.Text)
    #: The answer's HTTP status, or null where there was none.
    status: Mapped[int | None]
    #: Why there was no answer, in a word such as "refused" or "timeout"; "" where there was one.
    problem: Mapped[str] = mapped_column(sa.String(16), default="")
    checked_at: Mapped[datetime]
    #: Since when it has failed without a break; null while it answers.
    failing_since: Mapped[datetime | None]


class AskedMail:
    """What the tables of mails have in common that a company asked for: an address, used for nothing else."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: The first revision of the company: what is deleted with it takes the address along.
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), unique=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(8))
    asked_at: Mapped[datetime]
    #: Null until whoever reads mails to this address said yes.
    confirmed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: A mark of what the last mail spoke of: the same is not told twice.
    told: Mapped[str] = mapped_column(sa.String(64), default="")


class NewsMail(AskedMail, Model):
    """An address that asked to hear when a scheme in the company's plan changes."""

    __tablename__ = "news_mail"


class ReminderMail(AskedMail, Model):
    """An address that asked to be reminded of the company's actions."""

    __tablename__ = "reminder_mail"


class FollowedAction(Model):
    """What a company says of an action of its plans: kept across plans, one row for each action."""

    __tablename__ = "followed_action"
    __table_args__ = (
        sa.UniqueConstraint("assessment_id", "action_id"),
        sa.CheckConstraint("state IN ('open', 'doing', 'done', 'dropped')", name="state_is_known"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: The first revision of the company: what is deleted with it takes this along.
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"))
    action_id: Mapped[str] = mapped_column(sa.String(64))
    #: The version whose plan named it last: it says what the action is.
    rubric_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(sa.String(8))
    #: Who does it, in the company's words.
    owner: Mapped[str] = mapped_column(sa.String(60), default="")
    #: Null where the plan's own day holds.
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    #: What shows that it is done: words or an address.
    proof: Mapped[str] = mapped_column(sa.Text, default="")
    #: Counts its changes.
    version: Mapped[int]
    #: "owner", or "consultant:" and the link.
    changed_by: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]


class FollowedActionChange(Model):
    """What was said of an action, by whom and when: rows are only added."""

    __tablename__ = "followed_action_change"
    __table_args__ = (sa.UniqueConstraint("followed_action_id", "version"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    followed_action_id: Mapped[UUID] = mapped_column(sa.ForeignKey("followed_action.id", ondelete="CASCADE"))
    version: Mapped[int]
    #: State, owner, due day, note and proof as they stood from then on.
    said: Mapped[dict[str, Any]]
    changed_by: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]


class Engagement(Model):
    """A company's grant to a consultant: what may be seen and done, and until when."""

    __tablename__ = "engagement"
    __table_args__ = (
        sa.CheckConstraint("state IN ('asked', 'offered', 'invited', 'active', 'ended')", name="state_is_known"),
        sa.CheckConstraint("scope IN ('edit', 'read')", name="scope_is_known"),
        sa.CheckConstraint("ended_by IN ('company', 'consultant', 'maintainer')", name="ended_by_is_known"),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_by IS NULL)",
            name="ended_by_someone",
        ),
        sa.CheckConstraint(
            "state <> 'active' OR (consultant_id IS NOT NULL AND assessment_id IS NOT NULL AND link_id IS NOT NULL"
            " AND began_at IS NOT NULL)",
            name="active_between_two",
        ),
        sa.CheckConstraint("state NOT IN ('asked', 'offered') OR assessment_id IS NOT NULL", name="asked_by_a_company"),
        sa.CheckConstraint("state <> 'invited' OR consultant_id IS NOT NULL", name="invited_by_a_consultant"),
        sa.CheckConstraint("(state IN ('offered', 'invited')) = (token_hash IS NOT NULL)", name="open_by_a_token"),
        # A company stands in the queue once.
        sa.Index(
            "uq_engagement_one_asked",
            "assessment_id",
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    state: Mapped[str] = mapped_column(sa.String(8))
    #: What the company allows, as with a link: to read its result, or to see and fill in everything.
    scope: Mapped[str] = mapped_column(sa.String(8))
    #: The first revision of the company: what is deleted with it takes the engagement along. Null until it accepts.
    assessment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    #: Null while nobody took up what a company asked for.
    consultant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    #: By which the consultant opens the company's pages; withdrawn when the engagement ends.
    link_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("link.id", ondelete="CASCADE"))
    #: What the consultant calls the company.
    company: Mapped[str] = mapped_column(sa.String(200), default="")
    #: Opens an offer or an invitation, once.
    token_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32), unique=True)
    #: Until when an offer or an invitation can be taken up.
    open_until: Mapped[datetime | None]
    #: The last day on which the consultant may see anything.
    until: Mapped[date]
    created_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(16))
    #: When the consultant last opened the company's pages.
    seen_at: Mapped[datetime | None]
    #: When the two meet next, as the consultant noted it.
    next_on: Mapped[date | None]


class EngagementRequest(Model):
    """What a company left when it asked for a consultant: deleted when the engagement ends."""

    __tablename__ = "engagement_request"
    __table_args__ = (sa.CheckConstraint("name <> '' AND contact <> ''", name="someone_can_be_reached"),)

    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    #: A mail address or a telephone number, as it was written.
    contact: Mapped[str] = mapped_column(sa.String(254))
    message: Mapped[str] = mapped_column(sa.Text, default="")
    #: What the queue shows before a consultant takes it, beside sector, size and band.
    shows_company: Mapped[bool] = mapped_column(default=False)
    shows_contact: Mapped[bool] = mapped_column(default=False)
    shows_message: Mapped[bool] = mapped_column(default=False)


class EngagementProposal(Model):
    """A consultant asks a colleague to take a client over; gone once that is answered."""

    __tablename__ = "engagement_proposal"
    __table_args__ = (sa.CheckConstraint("to_id <> by_id", name="between_two"),)

    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id", ondelete="CASCADE"), primary_key=True)
    to_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    by_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    proposed_at: Mapped[datetime]


class EngagementStep(Model):
    """What happened to an engagement, who did it and when: rows are only added, and the company sees them."""

    __tablename__ = "engagement_step"
    __table_args__ = (
        sa.CheckConstraint(
            "step IN ('asked', 'offered', 'invited', 'began', 'proposed', 'declined', 'left', 'ended')",
            name="step_is_known",
        ),
        sa.CheckConstraint("done_by IN ('company', 'consultant', 'maintainer')", name="done_by_is_known"),
        sa.CheckConstraint("(done_by = 'company') = (done_by_id IS NULL)", name="staff_have_accounts"),
        sa.CheckConstraint("step NOT IN ('began', 'left') OR consultant_id IS NOT NULL", name="of_a_consultant"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(sa.String(8))
    done_by: Mapped[str] = mapped_column(sa.String(16))
    #: Null for the company, which has no account.
    done_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    #: Whose access began or ended, or who was asked to take over.
    consultant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"), index=True)
    #: The link that began: the record of changes names it, and so whoever entered an answer.
    link_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("link.id", ondelete="SET NULL"))
    done_at: Mapped[datetime]


class EngagementNote(Model):
    """A consultant's note on a client: for the company to see, or for consultants alone; that never changes."""

    __tablename__ = "engagement_note"
    __table_args__ = (sa.CheckConstraint("(deleted_at IS NULL) = (deleted_by_id IS NULL)", name="deleted_by_someone"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement.id", ondelete="CASCADE"), index=True)
    #: Whether the company sees it.
    shared: Mapped[bool]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    written_at: Mapped[datetime]
    #: A mark: nobody is shown the text any more.
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))


class EngagementNoteText(Model):
    """What a note said from a moment on: rows are only added, the highest number holds."""

    __tablename__ = "engagement_note_text"
    __table_args__ = (
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
        sa.CheckConstraint("text <> ''", name="something_is_said"),
    )

    note_id: Mapped[UUID] = mapped_column(sa.ForeignKey("engagement_note.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]


class EvidenceGrade(Model):
    """What a consultant said of one answer of one revision: how it is evidenced, and what level counts instead."""

    __tablename__ = "evidence_grade"
    __table_args__ = (
        sa.CheckConstraint("grade IN ('said', 'shown', 'checked')", name="grade_is_known"),
        sa.CheckConstraint("(held_level IS NULL) = (held_reason = '')", name="held_back_with_a_reason"),
        sa.CheckConstraint("version >= 1", name="version_counts_from_one"),
    )

    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    grade: Mapped[str] = mapped_column(sa.String(8))
    #: The answer that was graded: of another one nothing is said.
    value: Mapped[Any] = mapped_column(sa.JSON())
    #: The level that counts while the answer is higher, or null.
    held_level: Mapped[int | None]
    held_reason: Mapped[str] = mapped_column(sa.Text, default="")
    #: How often it was changed.
    version: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    set_at: Mapped[datetime]


class EvidenceItem(Model):
    """A note, a link or a file that shows what was answered. It belongs to the company, whatever the revision.

    Of one that was removed after a consultant's check it stays that there was one, of which kind, and who removed it
    when.
    """

    __tablename__ = "evidence_item"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('note', 'link', 'file', 'removed')", name="kind_is_known"),
        sa.CheckConstraint(
            "(kind = 'file') = (stored IS NOT NULL) AND (stored IS NULL) = (media_type IS NULL)"
            " AND (stored IS NULL) = (size IS NULL) AND (stored IS NULL) = (digest IS NULL)",
            name="file_is_whole",
        ),
        sa.CheckConstraint("text <> ''", name="something_is_there"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: The first revision of the company: what is deleted with it takes the evidence along.
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[str] = mapped_column(sa.String(64))
    #: The answer that it was added for.
    value: Mapped[Any] = mapped_column(sa.JSON())
    kind: Mapped[str] = mapped_column(sa.String(8))
    #: The note, the address, the name of the file, or the kind of what was removed.
    text: Mapped[str] = mapped_column(sa.Text)
    #: The random name under which a file is kept.
    stored: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    media_type: Mapped[str | None] = mapped_column(sa.String(100))
    #: Bytes.
    size: Mapped[int | None]
    #: SHA-256 of the file, in hexadecimal digits.
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    #: The consultant who added it, or removed it; null where the company did.
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    added_at: Mapped[datetime]


class SignOff(Model):
    """A signature under a frozen plan, by name: rows are added, never changed, and go with the company."""

    __tablename__ = "sign_off"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "side"),
        sa.CheckConstraint("side IN ('company', 'consultant')", name="side_is_known"),
        sa.CheckConstraint("(side = 'consultant') = (account_id IS NOT NULL)", name="consultants_have_an_account"),
        sa.CheckConstraint("name <> ''", name="signed_by_name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(100))
    #: The post or the organisation, in the words of whoever signed.
    role: Mapped[str] = mapped_column(sa.String(100), default="")
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="RESTRICT"))
    #: SHA-256 of the result, what was checked, the company and the plan, in canonical JSON.
    digest: Mapped[str] = mapped_column(sa.String(71))
    signed_at: Mapped[datetime]


class GuidedSession(Model):
    """A meeting in which a company's people answer each on their own, see how far apart they are, and agree."""

    __tablename__ = "guided_session"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'closed')", name="state_is_known"),
        sa.CheckConstraint("(state = 'open') = (code IS NOT NULL)", name="code_while_open"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_set_when_closed"),
        sa.CheckConstraint("counter >= 0", name="counter_counts_from_zero"),
        # Two windows that both open a session get the same one.
        sa.Index(
            "uq_guided_session_one_open",
            "assessment_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: The first revision of the company: what is deleted with it takes the session along.
    assessment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    #: The revision that it works on; null once that was dropped, and the voices stay.
    revision_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("assessment.id", ondelete="SET NULL"), index=True)
    # Voices mean nothing under another rubric.
    rubric_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rubric_version.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(sa.String(8), default="open")
    #: By which people join, while it is open.
    code: Mapped[str | None] = mapped_column(sa.String(8), unique=True)
    #: The question that is on the screen; null before the first one.
    question_id: Mapped[str | None] = mapped_column(sa.String(64))
    #: Goes up with everything that somebody in the room could see: a page that knows it asks for nothing more.
    counter: Mapped[int] = mapped_column(default=0)
    opened_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]
    #: When the counter last went up.
    moved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: Once closed, the names that their people let stay, by name: beside no role and no voice any more.
    kept_names: Mapped[Any] = mapped_column(sa.JSON(), default=list)


class Participant(Model):
    """Somebody in the room, without account. Only the hash of the token is kept; the name goes when the room closes."""

    __tablename__ = "participant"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ('owner', 'management', 'finance', 'operations', 'sales', 'it', 'staff', 'other')",
            name="role_is_known",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("guided_session.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    #: For the room list alone; "" once it was deleted.
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    role: Mapped[str] = mapped_column(sa.String(16))
    #: Whether the person chose that the name stays.
    keep_name: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[datetime]


class Voice(Model):
    """What one participant answered to one question, alone; nobody else ever reads it with the name."""

    __tablename__ = "voice"
    __table_args__ = (sa.CheckConstraint("turn >= 1", name="turn_counts_from_one"),)

    participant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("participant.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON(none_as_null=True), nullable=False)
    #: The person's own count of messages: an earlier one that arrives late replaces nothing.
    turn: Mapped[int]
    saved_at: Mapped[datetime]


class AskedQuestion(Model):
    """One question in a session: being answered, shown, or agreed, with the agreed answer and why."""

    __tablename__ = "asked_question"
    __table_args__ = (
        sa.CheckConstraint("state IN ('asking', 'revealed', 'agreed')", name="state_is_known"),
        sa.CheckConstraint("state <> 'agreed' OR value IS NOT NULL", name="agreed_on_something"),
        sa.CheckConstraint("(value IS NULL) = (agreed_at IS NULL)", name="agreed_at_set_when_agreed"),
    )

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("guided_session.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(8), default="asking")
    #: What was agreed last; it stays while the question is asked again.
    value: Mapped[Any | None] = mapped_column(sa.JSON(none_as_null=True))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    agreed_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    agreed_at: Mapped[datetime | None]


class Invitation(Model):
    """A link that sets password and second factor, once. Only the hash of its token is kept."""

    __tablename__ = "invitation"
    __table_args__ = (sa.CheckConstraint("expires_at > created_at", name="expires_after_it_was_made"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Authenticator(Model):
    """An app that shows codes. Its secret is encrypted; a code is accepted once."""

    __tablename__ = "account_authenticator"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(sa.Text)
    #: The half minute of the newest code that was accepted; earlier ones and itself are refused.
    last_counter: Mapped[int] = mapped_column(sa.BigInteger)
    added_at: Mapped[datetime]


class Passkey(Model):
    """A passkey of an account."""

    __tablename__ = "account_passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """A code for whoever lost the second factor: used once. Only its keyed hash is kept."""

    __tablename__ = "account_recovery_code"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)


class AuditEntry(Model):
    """Who did what to what: ids and hashes only. Each entry's hash covers the one before; rows are only added."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.CheckConstraint("number >= 1", name="number_counts_from_one"),)

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    #: Null for the command line. No foreign key: the entry stays when an account goes.
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(sa.String(64))
    subject_id: Mapped[str | None] = mapped_column(sa.String(100), index=True)
    content_hash: Mapped[str | None] = mapped_column(sa.String(100))
    #: SHA-256 over the hash before and everything above, in hexadecimal digits.
    entry_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
