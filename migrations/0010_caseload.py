"""Requests for a consultant, hand-overs, and the consultants' notes.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ASKED = sa.text("state = 'asked'")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index(
        "uq_engagement_one_asked",
        "engagement",
        ["assessment_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.create_table(
        "engagement_request",
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("contact", sa.String(254), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("shows_company", sa.Boolean(), nullable=False),
        sa.Column("shows_contact", sa.Boolean(), nullable=False),
        sa.Column("shows_message", sa.Boolean(), nullable=False),
        sa.CheckConstraint("name <> '' AND contact <> ''", name=op.f("ck_engagement_request_someone_can_be_reached")),
        _of_engagement("engagement_request"),
        sa.PrimaryKeyConstraint("engagement_id", name=op.f("pk_engagement_request")),
    )
    op.create_table(
        "engagement_proposal",
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.CheckConstraint("to_id <> by_id", name=op.f("ck_engagement_proposal_between_two")),
        _of_engagement("engagement_proposal"),
        _of_account("engagement_proposal", "to_id"),
        _of_account("engagement_proposal", "by_id"),
        sa.PrimaryKeyConstraint("engagement_id", name=op.f("pk_engagement_proposal")),
    )
    op.create_index("ix_engagement_proposal_to_id", "engagement_proposal", ["to_id"])
    op.create_table(
        "engagement_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("done_by", sa.String(16), nullable=False),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("consultant_id", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "step IN ('asked', 'offered', 'invited', 'began', 'proposed', 'declined', 'left', 'ended')",
            name=op.f("ck_engagement_step_step_is_known"),
        ),
        sa.CheckConstraint(
            "done_by IN ('company', 'consultant', 'maintainer')", name=op.f("ck_engagement_step_done_by_is_known")
        ),
        sa.CheckConstraint(
            "(done_by = 'company') = (done_by_id IS NULL)", name=op.f("ck_engagement_step_staff_have_accounts")
        ),
        sa.CheckConstraint(
            "step NOT IN ('began', 'left') OR consultant_id IS NOT NULL",
            name=op.f("ck_engagement_step_of_a_consultant"),
        ),
        _of_engagement("engagement_step"),
        _of_account("engagement_step", "done_by_id"),
        _of_account("engagement_step", "consultant_id"),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_engagement_step_link_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_step")),
    )
    op.create_index("ix_engagement_step_engagement_id", "engagement_step", ["engagement_id"])
    op.create_index("ix_engagement_step_consultant_id", "engagement_step", ["consultant_id"])
    op.create_table(
        "engagement_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(deleted_at IS NULL) = (deleted_by_id IS NULL)", name=op.f("ck_engagement_note_deleted_by_someone")
        ),
        _of_engagement("engagement_note"),
        _of_account("engagement_note", "author_id"),
        _of_account("engagement_note", "deleted_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_note")),
    )
    op.create_index("ix_engagement_note_engagement_id", "engagement_note", ["engagement_id"])
    op.create_table(
        "engagement_note_text",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_engagement_note_text_number_counts_from_one")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_engagement_note_text_something_is_said")),
        sa.ForeignKeyConstraint(
            ["note_id"], ["engagement_note.id"], name=op.f("fk_engagement_note_text_note_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("note_id", "number", name=op.f("pk_engagement_note_text")),
    )


def downgrade() -> None:
    raise NotImplementedError("notes would be lost: restore the backup that was made before the upgrade")


def _of_engagement(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_engagement_id")
    return sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=name, ondelete="CASCADE")


def _of_account(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")
