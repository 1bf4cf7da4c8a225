"""Who submitted and who published a version, drafts with their changes, impact runs; triggers that protect.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from readiness.services.triggers import create_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FINAL = sa.text("state IN ('published', 'retired')")
IN_REVIEW = sa.text("state = 'in_review'")


def upgrade() -> None:
    with op.batch_alter_table("rubric_version", copy_from=_version_0001()) as table:
        table.add_column(sa.Column("submitted_by_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("published_by_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("released", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now only releases published.
    version = sa.table("rubric_version", sa.column("state", sa.String()), sa.column("released", sa.Boolean()))
    op.execute(sa.update(version).where(version.c.state.in_(("published", "retired"))).values(released=sa.true()))
    with op.batch_alter_table("rubric_version", copy_from=_version_between()) as table:
        table.alter_column("released", existing_type=sa.Boolean(), server_default=None)
        for by in ("submitted_by_id", "published_by_id"):
            table.create_foreign_key(op.f(f"fk_rubric_version_{by}"), "account", [by], ["id"], ondelete="RESTRICT")
        table.create_check_constraint(op.f("ck_rubric_version_four_eyes"), "submitted_by_id <> published_by_id")
        table.create_check_constraint(
            op.f("ck_rubric_version_who_and_when_go_together"),
            "(submitted_by_id IS NULL) = (submitted_at IS NULL) AND (published_by_id IS NULL) = (published_at IS NULL)",
        )
        table.create_check_constraint(
            op.f("ck_rubric_version_review_was_asked_for"), "state <> 'in_review' OR submitted_by_id IS NOT NULL"
        )
        table.create_check_constraint(
            op.f("ck_rubric_version_published_by_two_or_released"),
            "state NOT IN ('published', 'retired') OR released"
            " OR (submitted_by_id IS NOT NULL AND published_by_id IS NOT NULL)",
        )
    op.create_index(
        "uq_rubric_version_number_in_review",
        "rubric_version",
        ["number"],
        unique=True,
        sqlite_where=IN_REVIEW,
        postgresql_where=IN_REVIEW,
    )
    op.create_table(
        "rubric_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_by_id", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('submitted', 'sent_back', 'confirmed', 'retired')", name=op.f("ck_rubric_step_step_is_known")
        ),
        _key("rubric_step", "version_id", "rubric_version"),
        _key("rubric_step", "done_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_step")),
    )
    op.create_index(op.f("ix_rubric_step_version_id"), "rubric_step", ["version_id"])
    op.create_table(
        "rubric_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("translated_from", sa.JSON(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("counter >= 0", name=op.f("ck_rubric_draft_counter_counts_from_zero")),
        sa.CheckConstraint(
            "(closed_by_id IS NULL) = (closed_at IS NULL)", name=op.f("ck_rubric_draft_closed_by_someone")
        ),
        _key("rubric_draft", "version_id", "rubric_version"),
        _key("rubric_draft", "created_by_id", "account"),
        _key("rubric_draft", "changed_by_id", "account"),
        _key("rubric_draft", "closed_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_draft")),
    )
    op.create_table(
        "rubric_draft_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _key("rubric_draft_change", "draft_id", "rubric_draft"),
        _key("rubric_draft_change", "changed_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_draft_change")),
        sa.UniqueConstraint("draft_id", "counter", "path", name=op.f("uq_rubric_draft_change_draft_id_counter_path")),
    )
    op.create_table(
        "impact_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("cancel", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("started_by_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'cancelled', 'failed')", name=op.f("ck_impact_run_state_is_known")
        ),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name=op.f("ck_impact_run_outcome_when_done")),
        _key("impact_run", "started_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_run")),
    )
    create_triggers(op.get_bind())


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def _version_0001(*added: sa.Column) -> sa.Table:
    return sa.Table(
        "rubric_version",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *added,
        sa.CheckConstraint(
            "state IN ('draft', 'candidate', 'in_review', 'published', 'retired')",
            name=op.f("ck_rubric_version_state_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_version")),
        sa.UniqueConstraint("number", "digest", name=op.f("uq_rubric_version_number_digest")),
        sa.Index(
            "uq_rubric_version_published_number", "number", unique=True, sqlite_where=FINAL, postgresql_where=FINAL
        ),
    )


def _version_between() -> sa.Table:
    return _version_0001(
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    raise NotImplementedError("who published what would be lost: restore the backup that was made before the upgrade")
