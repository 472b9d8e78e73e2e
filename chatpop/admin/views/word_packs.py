"""Word packs: the operator's own words, previewed before they are saved."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.identity.recognition import present_viewer
from chatpop.names import pack_drafts, pack_previews
from chatpop.names.models import PackKind, WordPack
from chatpop.names.pack_drafts import BadPack, Draft
from chatpop.names.pack_previews import Preview
from chatpop.web.saying import flash

bp = Blueprint("word_packs", __name__, url_prefix="/word-packs")

EMPTY = Draft("", PackKind.BLOCKED, "")


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("admin/word_packs/index.html", packs=pack_drafts.everything())


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _form(EMPTY, None)


@bp.post("")
def create() -> ResponseReturnValue:
    return _save(None)


@bp.get("/<int:pack_id>")
def edit(pack_id: int) -> ResponseReturnValue:
    return _form(_draft_of(pack_drafts.find(pack_id)), pack_id)


@bp.post("/<int:pack_id>")
def update(pack_id: int) -> ResponseReturnValue:
    pack_drafts.find(pack_id)
    return _save(pack_id)


@bp.post("/<int:pack_id>/deletion")
def destroy(pack_id: int) -> ResponseReturnValue:
    pack_drafts.delete(pack_id)
    flash(text("The word pack is gone, and its words are out of force."))
    return redirect(url_for("admin.word_packs.index"), 303)


def _save(pack_id: int | None) -> ResponseReturnValue:
    """Save what was typed, or with the other button only show what it would do."""
    try:
        draft = _typed()
        if request.form.get("act") == "preview":
            pasted = request.form.get("names", "")
            return _form(draft, pack_id, preview=pack_previews.preview(draft, pasted.split(), pack_id=pack_id))
        user = present_viewer().user
        pack_drafts.save(draft, changed_by=user.id if user else None, pack_id=pack_id)
    except BadPack as refusal:
        return _form(_typed(strict=False), pack_id, error=refusal.sentence), refusal.status
    flash(text("The word pack %(name)s is saved and in force within two seconds.", name=draft.name))
    return redirect(url_for("admin.word_packs.index"), 303)


def _typed(*, strict: bool = True) -> Draft:
    """What the form holds. Raises :class:`BadPack` for an unknown kind, unless it is only to be shown again."""
    form, kind = request.form, request.form.get("kind", "")
    if kind not in set(PackKind):
        if strict:
            raise BadPack(text("Choose what the words are for."))
        kind = EMPTY.kind
    return Draft(
        name=form.get("name", "").strip(),
        kind=PackKind(kind),
        text=form.get("words", ""),
        language=form.get("language", "").strip(),
        source=form.get("source", "").strip(),
        is_enabled="is_enabled" in form,
    )


def _draft_of(pack: WordPack) -> Draft:
    return Draft(pack.name, PackKind(pack.kind), pack.words, pack.language, pack.source, pack.is_enabled)


def _form(draft: Draft, pack_id: int | None, *, preview: Preview | None = None, error: str | None = None) -> str:
    return render_template(
        "admin/word_packs/edit.html",
        draft=draft,
        pack_id=pack_id,
        preview=preview,
        error=error,
        pasted=request.form.get("names", ""),
    )
