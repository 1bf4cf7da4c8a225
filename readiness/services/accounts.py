"""Staff accounts, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Capability(StrEnum):
    """What an account can be given, one by one; without it the thing is denied."""

    EDIT_DRAFTS = "edit_drafts"
    PUBLISH = "publish"
    EDIT_SCHEMES = "edit_schemes"
    SEE_STATISTICS = "see_statistics"
    MANAGE_ACCOUNTS = "manage_accounts"


class NotAllowed(PermissionError):
    """The account lacks a capability."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(f"needs the capability {capability}")
        #: What it lacks.
        self.capability = capability


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something at the desk."""

    id: UUID
    email: str
    capabilities: frozenset[Capability]

    def must(self, capability: Capability) -> None:
        """Refuse whoever lacks a capability: the one place where it is checked below the pages.

        :raises NotAllowed: if the account lacks it.
        """
        if capability not in self.capabilities:
            raise NotAllowed(capability)
