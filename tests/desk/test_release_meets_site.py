"""A release ships another catalogue: what the site changed stays, what it did not is taken, both is a conflict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from ruamel.yaml import YAML

from readiness.library.catalogue_folders import as_yaml
from readiness.library.catalogues import read_catalogue_folder
from readiness.models import StoredPlan
from readiness.services import schemes_desk
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.schemes_desk import SchemeChanged
from readiness.services.site_catalogue import SchemeUnknown, current_catalogue, head, open_conflicts, with_digest
from readiness.services.versions import load_shipped
from readiness.settings import ROOT
from tests.desk.conftest import SOURCE
from tests.web.conftest import Owner


@pytest.fixture
def release(tmp_path: Path) -> Callable[..., Path]:
    """Return how to make the folder of a next release, with schemes edited by hand."""

    def make(**changed: dict[str, Any]) -> Path:
        folder = tmp_path / "next"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "rubric", folder)
        for name, change in changed.items():
            path = folder / ("support.yaml" if name == "support" else f"schemes/{name.replace('_', '-')}.yaml")
            data = YAML(typ="safe").load(path.read_text("utf-8"))
            data.update(change)
            path.write_text(as_yaml(data), "utf-8")
        return folder

    return make


def schemes() -> dict[str, Any]:
    db.session.rollback()
    return dict(current_catalogue(db.session).document["schemes"])


def conflicts() -> list[str]:
    db.session.rollback()
    return [each.scheme_id for each in open_conflicts(db.session)]


def test_what_the_site_did_not_change_is_taken(site: Flask, release: Callable[..., Path]) -> None:
    before = schemes()

    load_shipped(release(erb={"short_name": "E.R.B."}))

    assert schemes() == {**before, "erb": {**before["erb"], "short_name": "E.R.B."}}
    assert conflicts() == []


def test_what_the_release_did_not_change_is_kept(editor: Actor, release: Callable[..., Path]) -> None:
    schemes_desk.confirm_checked(editor, "nittp")

    load_shipped(release(erb={"short_name": "E.R.B."}))

    after = schemes()
    assert after["nittp"]["checked_on"] == today().isoformat()
    assert after["erb"]["short_name"] == "E.R.B."
    assert conflicts() == []


def test_what_both_changed_is_kept_and_listed(editor: Actor, release: Callable[..., Path]) -> None:
    schemes_desk.confirm_checked(editor, "nittp")

    load_shipped(release(nittp={"short_name": "TTP"}))

    assert (schemes()["nittp"]["short_name"], schemes()["nittp"]["checked_on"]) == ("NITTP", today().isoformat())
    assert conflicts() == ["nittp"]


def test_what_both_changed_alike_is_no_conflict(editor: Actor, release: Callable[..., Path]) -> None:
    schemes_desk.confirm_checked(editor, "nittp")

    load_shipped(release(nittp={"checked_on": today().isoformat()}))

    assert conflicts() == []


@pytest.mark.parametrize(("take", "name"), [(True, "TTP"), (False, "NITTP")])
def test_a_conflict_is_settled_by_a_person(editor: Actor, release: Callable[..., Path], take: bool, name: str) -> None:
    schemes_desk.confirm_checked(editor, "nittp")
    load_shipped(release(nittp={"short_name": "TTP"}))

    schemes_desk.settle(editor, "nittp", take_shipped=take)

    assert schemes()["nittp"]["short_name"] == name
    assert conflicts() == []
    with pytest.raises(SchemeUnknown):
        schemes_desk.settle(editor, "nittp", take_shipped=take)


def test_a_settlement_sees_what_was_changed_meanwhile(editor: Actor, release: Callable[..., Path]) -> None:
    schemes_desk.confirm_checked(editor, "nittp")
    load_shipped(release(nittp={"short_name": "TTP"}))
    seen = head(db.session).number
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    with pytest.raises(SchemeChanged):
        schemes_desk.settle(editor, "nittp", take_shipped=True, seen=seen)

    assert conflicts() == ["nittp"]


def test_the_same_release_started_again_brings_nothing(editor: Actor, release: Callable[..., Path]) -> None:
    schemes_desk.confirm_checked(editor, "nittp")
    folder = release(nittp={"short_name": "TTP"}, erb={"short_name": "E.R.B."})
    load_shipped(folder)
    before = (head(db.session).number, conflicts())

    load_shipped(folder)

    db.session.rollback()
    assert (head(db.session).number, conflicts()) == before


def test_a_later_release_that_agrees_with_the_site_settles_the_conflict(
    editor: Actor, release: Callable[..., Path]
) -> None:
    schemes_desk.confirm_checked(editor, "nittp")
    load_shipped(release(nittp={"short_name": "TTP"}))

    load_shipped(release(nittp={"checked_on": today().isoformat()}))

    assert conflicts() == []
    assert schemes()["nittp"]["short_name"] == "NITTP"


def test_a_release_that_does_not_fit_the_site_leaves_it_whole(editor: Actor, release: Callable[..., Path]) -> None:
    # The release moves a scheme to another kind, and the matrix with it; the site has changed the scheme.
    schemes_desk.confirm_checked(editor, "sme-one")
    before = schemes()
    support = dict(current_catalogue(db.session).document["support"])
    bands = {
        band: {kind: [id for id in ids if id != "sme-one"] for kind, ids in kinds.items()}
        for band, kinds in support["bands"].items()
    }
    bands["aware"]["innovation"] = ["sme-one"]

    load_shipped(release(sme_one={"kind": "innovation"}, support={"bands": bands}, erb={"short_name": "E.R.B."}))

    assert schemes() == before
    assert sorted(conflicts()) == ["erb", "sme-one", "support"]


def test_a_scheme_that_a_release_adds_is_added_and_one_that_it_lacks_stays(
    site: Flask, release: Callable[..., Path]
) -> None:
    folder = release()
    data = YAML(typ="safe").load((folder / "schemes/tvp.yaml").read_text("utf-8"))
    (folder / "schemes/tvp.yaml").unlink()
    (folder / "schemes/tvp-two.yaml").write_text(as_yaml({**data, "id": "tvp-two"}), "utf-8")

    load_shipped(folder)

    assert {"tvp", "tvp-two"} <= set(schemes())


def test_a_frozen_plan_keeps_the_catalogue_that_it_was_made_from(
    editor: Actor, owner: Owner, release: Callable[..., Path]
) -> None:
    owner.start(name="Harbour Foods").answer_all().submit()
    (stored,) = db.session.scalars(sa.select(StoredPlan)).all()
    digest, document = stored.catalogue_digest, stored.document
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)
    load_shipped(release(erb={"short_name": "E.R.B."}))

    db.session.rollback()
    db.session.refresh(stored)

    assert (stored.catalogue_digest, stored.document) == (digest, document)
    kept = with_digest(db.session, digest)
    assert kept.catalogue.schemes["nittp"].facts["cap"].on(today()).value == 250000
    assert kept.digest != current_catalogue(db.session).digest


def test_another_process_sees_a_change_at_its_next_request(
    editor: Actor, site: Flask, settings: Any, make_app: Callable[..., Flask]
) -> None:
    other = make_app(settings)
    visitor = Owner(other.test_client())

    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    visitor.start().answer_all().submit()
    assert visitor.page.status_code == 200
    with other.app_context():
        (stored,) = db.session.scalars(sa.select(StoredPlan)).all()
        assert stored.catalogue_digest == current_catalogue(db.session).digest
        assert '"recommended": true' in stored.document


def test_the_first_state_of_a_site_is_what_was_shipped(site: Flask) -> None:
    first = head(db.session)

    assert (first.number, first.version.digest) == (1, read_catalogue_folder(ROOT / "rubric").digest)
