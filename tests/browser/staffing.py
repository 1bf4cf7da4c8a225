"""Members of staff in a real browser: invited by the command line, signed up and signed in through the pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection
from html import unescape
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from readiness.services.accounts import Capability
from tests.web.staffing import PASSWORD, Phone

PROGRAM = Path(sys.executable).with_name("readiness")
#: Seconds that a second factor is taken for fresh; the site says five minutes.
FRESH = 200
Cookies = list[dict[str, Any]]


class Office:
    """Invites members of staff to one site, and signs them in."""

    def __init__(self, site: str, folder: Path, browser: Any) -> None:
        self.site = site
        self._browser = browser
        self._environment = {
            **os.environ,
            "READINESS_DATABASE": f"sqlite:///{folder / 'readiness.sqlite'}",
            "READINESS_INSTANCE_FOLDER": str(folder / "instance"),
        }
        self._kept: dict[object, tuple[float, Cookies]] = {}

    def invite(self, *capabilities: Capability, email: str = "") -> str:
        """Invite someone as an operator does, and return the path of the invitation."""
        email = email or f"staff-{uuid4().hex[:12]}@example.com"
        # Without a capability nobody is invited on the command line; one that opens no page does as well.
        may = [option for each in capabilities or [Capability.SEE_STATISTICS] for option in ("--may", each.value)]
        command = [PROGRAM, "account", "invite", email, *may]
        link = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True).stdout
        return "/" + link.strip().split("/", 3)[3]

    def sign_in(self, context: Any, *capabilities: Capability) -> None:
        """Let a browser be that of someone with these capabilities, signed in with password and code just now.

        Whoever signed up within the last minutes is taken again: signing up is real, and takes a second.
        """
        self._take(context, frozenset(capabilities), whole=True)

    def sign_in_half(self, context: Any) -> None:
        """Let a browser be that of someone who has set a password and no second factor."""
        self._take(context, frozenset(), whole=False)

    def _take(self, context: Any, capabilities: Collection[Capability], *, whole: bool) -> None:
        key = (capabilities, whole)
        made, cookies = self._kept.get(key, (0.0, []))
        if not cookies or monotonic() - made > FRESH:
            cookies = self._sign_up(self.invite(*capabilities), whole=whole)
            self._kept[key] = (monotonic(), cookies)
        context.add_cookies(cookies)

    def _sign_up(self, invitation: str, *, whole: bool) -> Cookies:
        context = self._browser.new_context()
        request = context.request
        page = request.get(self.site + invitation).text()
        page = request.post(self.site + invitation, form={"csrf_token": _csrf(page), "password": PASSWORD}).text()
        if whole:
            key = re.search(r'class="digest key">([^<]+)<', page)
            assert key, page
            form = {"csrf_token": _csrf(page), "code": Phone(key[1]).code()}
            assert request.post(self.site + "/staff/second-factor", form=form).ok
        cookies: Cookies = [each for each in context.cookies() if each["name"] == "readiness"]
        context.close()
        return cookies


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])
