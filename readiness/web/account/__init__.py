"""What a member of staff sees of their account: signing in, second factors, invitations, other accounts, the desk."""

from readiness.web.account import accounts, desk, engagements, invitation, own, second_factor, sign_in
from readiness.web.account.blueprint import blueprint

__all__ = ["accounts", "blueprint", "desk", "engagements", "invitation", "own", "second_factor", "sign_in"]
