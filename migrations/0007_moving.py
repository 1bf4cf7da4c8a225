"""Drafts that were moved to a newer rubric version, answers to confirm, what is kept aside.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DRAFT = sa.text("status = 'draft'")
MOVED = sa.text("moved_from_id IS NOT NULL")


def upgrade() -> None:
    # SQLite makes these tables anew; foreign keys are off there while migrations run. Its partial index is made again
    # by hand, because a copied table does not keep the condition.
    op.drop_index("uq_assessment_one_draft", "assessment")
    with op.batch_alter_table("assessment") as table:
        table.add_column(sa.Column("moved_from_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_assessment_moved_from_id"), "assessment", ["moved_from_id"], ["id"], ondelete="SET NULL"
        )
        table.drop_constraint(op.f("ck_assessment_status_is_known"), type_="check")
        table.create_check_constraint(
            op.f("ck_assessment_status_is_known"), "status IN ('draft', 'submitted', 'moved', 'undone')"
        )
    op.create_index(
        "uq_assessment_one_draft", "assessment", ["family_id"], unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT
    )
    op.create_index(
        "ix_assessment_moved_from_id", "assessment", ["moved_from_id"], sqlite_where=MOVED, postgresql_where=MOVED
    )
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("to_confirm", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "answer_aside",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("rubric_version_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value IS NOT NULL OR note <> ''", name=op.f("ck_answer_aside_something_is_said")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_aside_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_answer_aside_rubric_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "assessment_id", "rubric_version_id", "question_id", "reason", name=op.f("pk_answer_aside")
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("what is kept aside would be lost: restore the backup that was made before the upgrade")
