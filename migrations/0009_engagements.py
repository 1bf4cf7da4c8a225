"""What companies grant to consultants.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "engagement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("consultant_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(16), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'offered', 'invited', 'active', 'ended')", name=op.f("ck_engagement_state_is_known")
        ),
        sa.CheckConstraint("scope IN ('edit', 'read')", name=op.f("ck_engagement_scope_is_known")),
        sa.CheckConstraint(
            "ended_by IN ('company', 'consultant', 'maintainer')", name=op.f("ck_engagement_ended_by_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("ck_engagement_ended_by_someone"),
        ),
        sa.CheckConstraint(
            "state <> 'active' OR (consultant_id IS NOT NULL AND assessment_id IS NOT NULL AND link_id IS NOT NULL"
            " AND began_at IS NOT NULL)",
            name=op.f("ck_engagement_active_between_two"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('asked', 'offered') OR assessment_id IS NOT NULL",
            name=op.f("ck_engagement_asked_by_a_company"),
        ),
        sa.CheckConstraint(
            "state <> 'invited' OR consultant_id IS NOT NULL", name=op.f("ck_engagement_invited_by_a_consultant")
        ),
        sa.CheckConstraint(
            "(state IN ('offered', 'invited')) = (token_hash IS NOT NULL)", name=op.f("ck_engagement_open_by_a_token")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_engagement_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"], ["account.id"], name=op.f("fk_engagement_consultant_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_engagement_link_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_engagement_token_hash")),
    )
    op.create_index("ix_engagement_assessment_id", "engagement", ["assessment_id"])
    op.create_index("ix_engagement_consultant_id", "engagement", ["consultant_id"])


def downgrade() -> None:
    raise NotImplementedError("grants would be lost: restore the backup that was made before the upgrade")
