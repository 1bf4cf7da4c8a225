"""The audit log is kept by the triggers that the other logs have, which a check of the whole looks for.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

from readiness.services.triggers import create_triggers

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    on = "" if connection.dialect.name == "sqlite" else " ON audit_entry"
    for name in ("no_update", "no_delete", "no_replace", "no_truncate"):
        op.execute(f"DROP TRIGGER IF EXISTS audit_entry_{name}{on}")
    if connection.dialect.name != "sqlite":
        op.execute("DROP FUNCTION IF EXISTS refuse_change_of_audit_entry()")
    create_triggers(connection)
    op.create_index("ix_audit_entry_subject_id", "audit_entry", ["subject_id"])


def downgrade() -> None:
    raise NotImplementedError("the log would lose its protection: restore the backup that was made before the upgrade")
