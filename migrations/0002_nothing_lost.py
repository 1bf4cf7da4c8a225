"""Revisions of one family, notes, occasions of links, chores.

Revision ID: 0002
Revises: 0001
"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DRAFT = sa.text("status = 'draft'")


def upgrade() -> None:
    # SQLite makes these tables anew; foreign keys are off there while migrations run.
    with op.batch_alter_table("assessment", copy_from=_assessment_0001()) as table:
        table.add_column(sa.Column("family_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("company_version", sa.Integer(), nullable=False, server_default="0"))
    _fill_families(op.get_bind())
    with op.batch_alter_table("assessment", copy_from=_assessment_between()) as table:
        table.alter_column("family_id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("revision", existing_type=sa.Integer(), server_default=None)
        table.alter_column("company_version", existing_type=sa.Integer(), server_default=None)
        table.create_unique_constraint(op.f("uq_assessment_family_id_revision"), ["family_id", "revision"])
        table.create_check_constraint(op.f("ck_assessment_revision_counts_from_one"), "revision >= 1")
        table.create_check_constraint(op.f("ck_assessment_company_version_counts_from_zero"), "company_version >= 0")
    op.create_index(
        "uq_assessment_one_draft", "assessment", ["family_id"], unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT
    )
    op.create_index("ix_assessment_saved_at", "assessment", ["saved_at"])

    with op.batch_alter_table("answer", copy_from=_answer_0001()) as table:
        table.alter_column("value", existing_type=sa.JSON(), nullable=True)
        table.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
        table.create_check_constraint(op.f("ck_answer_something_is_said"), "value IS NOT NULL OR note <> ''")
    with op.batch_alter_table("answer_change", copy_from=_answer_change_0001()) as table:
        table.alter_column("after", existing_type=sa.JSON(), nullable=True)
        table.add_column(sa.Column("note_before", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("note_after", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("link", copy_from=_link_0001()) as table:
        table.add_column(sa.Column("given", sa.String(length=8), nullable=False, server_default="page"))
        table.add_column(sa.Column("label", sa.String(length=60), nullable=False, server_default=""))
        table.create_check_constraint(op.f("ck_link_given_is_known"), "given IN ('page', 'mail', 'share')")
    op.create_table(
        "loaded",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("catalogue_digest", sa.String(length=71), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalogue_digest"],
            ["catalogue_version.digest"],
            name=op.f("fk_loaded_catalogue_digest"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_loaded")),
    )
    op.create_table(
        "chore",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chore")),
    )


def _fill_families(connection: sa.Connection) -> None:
    """Gather revisions in families, oldest first. A family has one draft: the newest; others stand alone."""
    table = sa.table(
        "assessment",
        sa.column("id", sa.Uuid()),
        sa.column("revises_id", sa.Uuid()),
        sa.column("status", sa.String()),
        sa.column("created_at", sa.DateTime()),
        sa.column("family_id", sa.Uuid()),
        sa.column("revision", sa.Integer()),
    )
    connection.execute(sa.update(table).where(table.c.revises_id.is_(None)).values(family_id=table.c.id))
    rows = connection.execute(
        sa.select(table.c.id, table.c.revises_id, table.c.status, table.c.created_at)
        .where(table.c.id.in_(_in_a_chain(table)))
        .order_by(table.c.created_at, table.c.id)
    ).all()
    before = {row.id: row.revises_id for row in rows}
    families = defaultdict(list)
    for row in rows:
        root = row.id
        while before[root] is not None:
            root = before[root]
        families[root].append(row)
    for root, members in families.items():
        drafts = [row for row in members if row.status == "draft"]
        kept = [row for row in members if row.status != "draft"] + drafts[-1:]
        for number, row in enumerate(kept, start=1):
            _place(connection, table, row.id, root, number)
        for row in drafts[:-1]:
            _place(connection, table, row.id, row.id, 1)


def _in_a_chain(table: sa.TableClause) -> sa.Select:
    revised = sa.select(table.c.revises_id).where(table.c.revises_id.is_not(None))
    return sa.union(revised, sa.select(table.c.id).where(table.c.revises_id.is_not(None))).subquery().select()


def _place(connection: sa.Connection, table: sa.TableClause, id: object, family: object, number: int) -> None:
    connection.execute(sa.update(table).where(table.c.id == id).values(family_id=family, revision=number))


def _assessment_0001(*added: sa.Column) -> sa.Table:
    return sa.Table(
        "assessment",
        sa.MetaData(),
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
        *added,
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


def _assessment_between() -> sa.Table:
    return _assessment_0001(
        sa.Column("family_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("company_version", sa.Integer(), nullable=False, server_default="0"),
    )


def _answer_0001() -> sa.Table:
    return sa.Table(
        "answer",
        sa.MetaData(),
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


def _answer_change_0001() -> sa.Table:
    return sa.Table(
        "answer_change",
        sa.MetaData(),
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
        sa.Index(op.f("ix_answer_change_assessment_id"), "assessment_id"),
    )


def _link_0001() -> sa.Table:
    return sa.Table(
        "link",
        sa.MetaData(),
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
        sa.Index(op.f("ix_link_assessment_id"), "assessment_id"),
    )


def downgrade() -> None:
    raise NotImplementedError("notes and links would be lost: restore the backup that was made before the upgrade")
