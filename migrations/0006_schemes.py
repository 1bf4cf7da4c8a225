"""The site's catalogue as editable data: history, conflicts with releases, schemes of plans, link checks, mails.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: What no statement may change in the history of the catalogue; an account may be forgotten.
KEPT = "number, digest, parent_digest, kind, scheme_id, differences, reason, made_at"


def upgrade() -> None:
    op.create_table(
        "catalogue_change",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("parent_digest", sa.String(71), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("scheme_id", sa.String(64), nullable=True),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('release', 'edit', 'import', 'settled')", name=op.f("ck_catalogue_change_kind_is_known")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_catalogue_change_number_counts_from_one")),
        sa.CheckConstraint(
            "(number = 1) = (parent_digest IS NULL)",
            name=op.f("ck_catalogue_change_all_but_the_first_follow_one"),
        ),
        sa.ForeignKeyConstraint(
            ["digest"], ["catalogue_version.digest"], name=op.f("fk_catalogue_change_digest"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_digest"],
            ["catalogue_version.digest"],
            name=op.f("fk_catalogue_change_parent_digest"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_catalogue_change_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_catalogue_change")),
    )
    op.create_index("ix_catalogue_change_scheme_id", "catalogue_change", ["scheme_id"])
    _keep_the_history()
    op.create_table(
        "catalogue_conflict",
        sa.Column("change_number", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(64), nullable=False),
        sa.Column("shipped_digest", sa.String(71), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["change_number"],
            ["catalogue_change.number"],
            name=op.f("fk_catalogue_conflict_change_number"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["shipped_digest"],
            ["catalogue_version.digest"],
            name=op.f("fk_catalogue_conflict_shipped_digest"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"],
            ["catalogue_change.number"],
            name=op.f("fk_catalogue_conflict_settled_by"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("change_number", "scheme_id", name=op.f("pk_catalogue_conflict")),
    )
    op.create_table(
        "plan_scheme",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_scheme_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "scheme_id", name=op.f("pk_plan_scheme")),
    )
    _fill_plan_scheme()
    op.create_index("ix_plan_scheme_scheme_id", "plan_scheme", ["scheme_id"])
    op.create_table(
        "link_check",
        sa.Column("href_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(16), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("href_hash", name=op.f("pk_link_check")),
    )
    op.create_table(
        "news_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_news_mail_assessment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_mail")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_news_mail_assessment_id")),
    )


def _keep_the_history() -> None:
    """Refuse changes of what was recorded: the history of the catalogue is only added to."""
    if op.get_bind().dialect.name == "sqlite":
        for name, event in (("update", f"UPDATE OF {KEPT}"), ("delete", "DELETE")):
            op.execute(
                f"CREATE TRIGGER catalogue_change_no_{name} BEFORE {event} ON catalogue_change "
                "BEGIN SELECT RAISE(ABORT, 'the history of the catalogue is only added to'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION catalogue_change_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the history of the catalogue is only added to'; END $$"
    )
    for name, event, each in (
        ("update", f"UPDATE OF {KEPT}", "ROW"),
        ("delete", "DELETE", "ROW"),
        ("truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER catalogue_change_no_{name} BEFORE {event} ON catalogue_change "
            f"FOR EACH {each} EXECUTE FUNCTION catalogue_change_is_kept()"
        )


def _fill_plan_scheme() -> None:
    """Note which schemes the plans recommend, within the database: no plan is read into memory here."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "INSERT INTO plan_scheme (plan_id, scheme_id) "
            "SELECT plan.id, json_extract(each.value, '$.id') "
            "FROM plan, json_each(plan.document, '$.schemes') AS each "
            "WHERE json_extract(each.value, '$.recommended')"
        )
        return
    op.execute(
        "INSERT INTO plan_scheme (plan_id, scheme_id) "
        "SELECT plan.id, each ->> 'id' "
        "FROM plan, json_array_elements(plan.document::json -> 'schemes') AS each "
        "WHERE (each ->> 'recommended')::boolean"
    )


def downgrade() -> None:
    raise NotImplementedError("the site's own facts would be lost: restore the backup made before the upgrade")
