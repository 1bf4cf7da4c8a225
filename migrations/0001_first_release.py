"""First release: rubric versions, the catalogue, assessments, answers, links, plans.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = ("default",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_catalogue_version")),
    )
    op.create_table(
        "rubric_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'candidate', 'in_review', 'published', 'retired')",
            name=op.f("ck_rubric_version_state_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_version")),
        sa.UniqueConstraint("number", "digest", name=op.f("uq_rubric_version_number_digest")),
    )
    op.create_index(
        "uq_rubric_version_published_number",
        "rubric_version",
        ["number"],
        unique=True,
        sqlite_where=sa.text("state IN ('published', 'retired')"),
        postgresql_where=sa.text("state IN ('published', 'retired')"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rubric_version_id", sa.Uuid(), nullable=False),
        sa.Column("revises_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("company", sa.JSON(), nullable=False),
        sa.Column("company_asked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'submitted') = (result IS NOT NULL)", name=op.f("ck_assessment_result_frozen_when_submitted")
        ),
        sa.CheckConstraint(
            "(status = 'submitted') = (submitted_at IS NOT NULL)",
            name=op.f("ck_assessment_submitted_at_set_when_submitted"),
        ),
        sa.CheckConstraint("status IN ('draft', 'submitted')", name=op.f("ck_assessment_status_is_known")),
        sa.ForeignKeyConstraint(
            ["revises_id"], ["assessment.id"], name=op.f("fk_assessment_revises_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_version.id"],
            name=op.f("fk_assessment_rubric_version_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_table(
        "answer",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_answer_version_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "question_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "answer_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_change_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_change")),
    )
    op.create_index(op.f("ix_answer_change_assessment_id"), "answer_change", ["assessment_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("access", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("access IN ('edit', 'read')", name=op.f("ck_link_access_is_known")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_link_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index(op.f("ix_link_assessment_id"), "link", ["assessment_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("company", sa.JSON(), nullable=False),
        sa.Column("catalogue_digest", sa.String(length=71), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_plan_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["catalogue_digest"],
            ["catalogue_version.digest"],
            name=op.f("fk_plan_catalogue_digest"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_plan_assessment_id_number")),
    )
    op.create_table(
        "plan_pdf",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("renderer", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_pdf_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "language", "renderer", name=op.f("pk_plan_pdf")),
    )


def downgrade() -> None:
    op.drop_table("plan_pdf")
    op.drop_table("plan")
    op.drop_index(op.f("ix_link_assessment_id"), table_name="link")
    op.drop_table("link")
    op.drop_index(op.f("ix_answer_change_assessment_id"), table_name="answer_change")
    op.drop_table("answer_change")
    op.drop_table("answer")
    op.drop_table("assessment")
    op.drop_index(
        "uq_rubric_version_published_number",
        table_name="rubric_version",
        sqlite_where=sa.text("state IN ('published', 'retired')"),
        postgresql_where=sa.text("state IN ('published', 'retired')"),
    )
    op.drop_table("rubric_version")
    op.drop_table("catalogue_version")
