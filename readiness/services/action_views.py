"""The actions that a company follows, in words; and as a calendar file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from readiness.documents.calendar import Event, calendar
from readiness.documents.words import Words
from readiness.models import ActionState
from readiness.services.following import Followed
from readiness.services.opening import Opened
from readiness.services.planning import HONG_KONG


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action as the page lists it."""

    id: str
    title: str
    dimension: str
    from_level: int
    to_level: int
    owner: str
    #: Who does such a thing as a rule, as the plan says.
    role: str
    #: By when, written out; "" where no day holds.
    due: str
    state: str
    state_name: str
    overdue: bool
    note: str
    proof: str
    done_when: str
    in_plan: bool
    asked_for_again: bool
    #: The question to answer again: it is noted as done, and the level that it was to reach was not answered. Else "".
    question: str
    #: "owner" or "consultant"; "" if nobody said anything.
    by: str
    changed_on: str

    @property
    def proof_is_link(self) -> bool:
        """Whether the proof is the address of a page, and nothing else."""
        return self.proof.startswith(("https://", "http://")) and not any(each.isspace() for each in self.proof)


def action_line(followed: Followed, opened: Opened, today: date, words: Words) -> ActionLine:
    """Return an action in words.

    :param opened: the newest revision of the company, a draft too: its answers say what is reached.
    """
    texts = followed.version.texts[words.language]
    action, said = followed.action, followed.said
    return ActionLine(
        id=action.id,
        title=texts[f"actions.{action.id}.title"],
        dimension=texts[f"dimensions.{action.dimension}.name"],
        from_level=action.from_level,
        to_level=action.to_level,
        owner=said.owner,
        role=texts[f"actions.{action.id}.role"],
        due=words.day(followed.due_on) if followed.due_on else "",
        state=said.state.value,
        state_name=state_name(said.state, words),
        overdue=followed.overdue(today),
        note=said.note,
        proof=said.proof,
        done_when=texts[f"actions.{action.id}.done_when"],
        in_plan=followed.in_plan,
        asked_for_again=followed.asked_for_again,
        question=_question(followed, opened, words),
        by=followed.changed_by.partition(":")[0],
        changed_on=words.day_of(followed.changed_at) if followed.changed_by else "",
    )


@dataclass(frozen=True, slots=True)
class ActionMark:
    """How far an action is, as a result marks it."""

    state: str
    name: str


def action_marks(followed: Iterable[Followed], words: Words) -> dict[str, ActionMark]:
    """Return how far each action of the newest plan is that is done, under way or dropped, by id."""
    return {
        each.action.id: ActionMark(each.said.state.value, state_name(each.said.state, words))
        for each in followed
        if each.in_plan and each.noted
    }


def _question(followed: Followed, opened: Opened, words: Words) -> str:
    if followed.said.state is not ActionState.DONE or followed.reached(opened.result):
        return ""
    asked = (each for each in opened.questions if each.dimension == followed.action.dimension)
    question = next(asked, None)
    return opened.version.texts[words.language][f"questions.{question.id}.text"] if question else ""


def state_name(state: ActionState, words: Words) -> str:
    """Return how far an action is, in words."""
    _ = words.gettext
    return {
        ActionState.OPEN: _("Not begun"),
        ActionState.DOING: _("Under way"),
        ActionState.DONE: _("Done"),
        ActionState.DROPPED: _("Dropped"),
    }[state]


def calendar_of(
    followed: Iterable[Followed], family: UUID, company: str, words: Words, review: tuple[date, datetime] | None = None
) -> bytes:
    """Return actions as a calendar file.

    :param family: of the company's assessments; with the action it names an event for good.
    :param company: its name, or "".
    :param review: the day to assess again, and when the plan that says so was made.
    """
    named = words.bracketed(company) if company else ""
    name = words.gettext("AI action plan") + named
    events = [_event(each, family, words) for each in followed if each.due_on is not None or each.settled]
    if review is not None:
        day, made_at = review
        summary = words.gettext("Assess AI readiness again") + named
        text = words.gettext("Open your assessment with your own link and answer again: then you see what has changed.")
        events.append(Event(str(uuid5(family, "review")), day, made_at, 0, summary, text))
    return calendar(name, events, words.language.tag)


def _event(followed: Followed, family: UUID, words: Words) -> Event:
    texts = followed.version.texts[words.language]
    action, said = followed.action, followed.said
    title = texts[f"actions.{action.id}.title"]
    if said.state is ActionState.DONE:
        title = words.say("Done: %(action)s", action=title)
    lines = [words.gettext("Done when:") + words.space + texts[f"actions.{action.id}.done_when"]]
    if said.owner:
        lines.insert(0, words.gettext("Who") + words.colon + said.owner)
    if said.state in (ActionState.OPEN, ActionState.DOING):
        first = words.gettext("First step, free:") + words.space + texts[f"actions.{action.id}.first_step"]
        lines.insert(-1, first)
    return Event(
        uid=str(uuid5(family, f"action {action.id}")),
        # An earlier plan's action may have no day any more; its name alone takes it out, but an event needs one.
        day=followed.due_on or followed.changed_at.astimezone(HONG_KONG).date(),
        stamp=followed.changed_at,
        sequence=followed.changes,
        summary=title,
        description="\n".join(lines),
        # Nothing is left to remember: what only stayed away from a file would stay in a calendar that imported it.
        cancelled=followed.settled,
    )
