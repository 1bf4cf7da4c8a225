"""Guided sessions: a room, who sits in it, what each said, and what was agreed.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guided_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("rubric_version_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("code", sa.String(8), nullable=True),
        sa.Column("question_id", sa.String(64), nullable=True),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_names", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_guided_session_state_is_known")),
        sa.CheckConstraint("(state = 'open') = (code IS NOT NULL)", name=op.f("ck_guided_session_code_while_open")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_guided_session_closed_at_set_when_closed")
        ),
        sa.CheckConstraint("counter >= 0", name=op.f("ck_guided_session_counter_counts_from_zero")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_guided_session_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["assessment.id"], name=op.f("fk_guided_session_revision_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_guided_session_rubric_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["account.id"], name=op.f("fk_guided_session_opened_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guided_session")),
        sa.UniqueConstraint("code", name=op.f("uq_guided_session_code")),
    )
    op.create_index("ix_guided_session_assessment_id", "guided_session", ["assessment_id"])
    op.create_index("ix_guided_session_revision_id", "guided_session", ["revision_id"])
    op.create_index(
        "uq_guided_session_one_open",
        "guided_session",
        ["assessment_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("keep_name", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'management', 'finance', 'operations', 'sales', 'it', 'staff', 'other')",
            name=op.f("ck_participant_role_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["guided_session.id"], name=op.f("fk_participant_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_participant_token_hash")),
    )
    op.create_index("ix_participant_session_id", "participant", ["session_id"])
    op.create_table(
        "voice",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(64), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("turn >= 1", name=op.f("ck_voice_turn_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_voice_participant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("participant_id", "question_id", name=op.f("pk_voice")),
    )
    op.create_table(
        "asked_question",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asking', 'revealed', 'agreed')", name=op.f("ck_asked_question_state_is_known")),
        sa.CheckConstraint(
            "state <> 'agreed' OR value IS NOT NULL", name=op.f("ck_asked_question_agreed_on_something")
        ),
        sa.CheckConstraint(
            "(value IS NULL) = (agreed_at IS NULL)", name=op.f("ck_asked_question_agreed_at_set_when_agreed")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["guided_session.id"], name=op.f("fk_asked_question_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by_id"], ["account.id"], name=op.f("fk_asked_question_agreed_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("session_id", "question_id", name=op.f("pk_asked_question")),
    )


def downgrade() -> None:
    raise NotImplementedError("voices would be lost: restore the backup that was made before the upgrade")
