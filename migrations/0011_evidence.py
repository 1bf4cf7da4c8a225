"""Evidence, levels that are held back, and signatures.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from readiness.services.triggers import create_triggers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With its constraint in one statement, so that SQLite need not make the table anew.
    op.execute(
        "ALTER TABLE assessment ADD COLUMN checked TEXT"
        " CONSTRAINT ck_assessment_checked_frozen_with_the_result CHECK (checked IS NULL OR result IS NOT NULL)"
    )
    op.create_table(
        "evidence_grade",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(64), nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("held_level", sa.Integer(), nullable=True),
        sa.Column("held_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grade IN ('said', 'shown', 'checked')", name=op.f("ck_evidence_grade_grade_is_known")),
        sa.CheckConstraint(
            "(held_level IS NULL) = (held_reason = '')", name=op.f("ck_evidence_grade_held_back_with_a_reason")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_evidence_grade_version_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_evidence_grade_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_evidence_grade_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "question_id", name=op.f("pk_evidence_grade")),
    )
    op.create_table(
        "evidence_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stored", sa.String(64), nullable=True),
        sa.Column("media_type", sa.String(100), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'link', 'file', 'removed')", name=op.f("ck_evidence_item_kind_is_known")),
        sa.CheckConstraint(
            "(kind = 'file') = (stored IS NOT NULL) AND (stored IS NULL) = (media_type IS NULL)"
            " AND (stored IS NULL) = (size IS NULL) AND (stored IS NULL) = (digest IS NULL)",
            name=op.f("ck_evidence_item_file_is_whole"),
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_evidence_item_something_is_there")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_evidence_item_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_evidence_item_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_item")),
        sa.UniqueConstraint("stored", name=op.f("uq_evidence_item_stored")),
    )
    op.create_index("ix_evidence_item_assessment_id", "evidence_item", ["assessment_id"])
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('company', 'consultant')", name=op.f("ck_sign_off_side_is_known")),
        sa.CheckConstraint(
            "(side = 'consultant') = (account_id IS NOT NULL)", name=op.f("ck_sign_off_consultants_have_an_account")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_sign_off_signed_by_name")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_off_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_sign_off_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_sign_off_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("plan_id", "side", name=op.f("uq_sign_off_plan_id_side")),
    )
    op.create_index("ix_sign_off_assessment_id", "sign_off", ["assessment_id"])
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("evidence would be lost: restore the backup that was made before the upgrade")
