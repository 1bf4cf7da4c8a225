"""What companies say of their actions, reminders, and why a revision was begun.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DRAFT = sa.text("status = 'draft'")
MOVED = sa.text("moved_from_id IS NOT NULL")


def upgrade() -> None:
    _add_occasion()
    op.create_table(
        "followed_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.String(64), nullable=False),
        sa.Column("rubric_version_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'doing', 'done', 'dropped')", name=op.f("ck_followed_action_state_is_known")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_followed_action_version_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_followed_action_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_followed_action_rubric_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_action")),
        sa.UniqueConstraint("assessment_id", "action_id", name=op.f("uq_followed_action_assessment_id_action_id")),
    )
    op.create_table(
        "followed_action_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("followed_action_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["followed_action_id"],
            ["followed_action.id"],
            name=op.f("fk_followed_action_change_followed_action_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_action_change")),
        sa.UniqueConstraint(
            "followed_action_id", "version", name=op.f("uq_followed_action_change_followed_action_id_version")
        ),
    )
    op.create_table(
        "reminder_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_reminder_mail_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_mail")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_reminder_mail_assessment_id")),
    )


def _add_occasion() -> None:
    # SQLite makes the table anew; its partial indexes are made again by hand, because a copied table does not keep
    # their conditions.
    op.drop_index("uq_assessment_one_draft", "assessment")
    op.drop_index("ix_assessment_moved_from_id", "assessment")
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("occasion", sa.String(8), nullable=False, server_default="first"))
        table.create_check_constraint(
            op.f("ck_assessment_occasion_is_known"), "occasion IN ('first', 'change', 'again')"
        )
    op.create_index(
        "uq_assessment_one_draft", "assessment", ["family_id"], unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT
    )
    op.create_index(
        "ix_assessment_moved_from_id", "assessment", ["moved_from_id"], sqlite_where=MOVED, postgresql_where=MOVED
    )
    # What was begun from a result changed it: until now there was no other way.
    op.execute("UPDATE assessment SET occasion = 'change' WHERE revises_id IS NOT NULL AND revision > 1")


def downgrade() -> None:
    raise NotImplementedError("follow-up would be lost: restore the backup that was made before the upgrade")
