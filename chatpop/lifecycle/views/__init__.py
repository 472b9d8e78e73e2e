"""The pages about the whole of one person's account: merging, a copy of the data, deletion."""

from __future__ import annotations

from flask import Flask

from chatpop.lifecycle.views import deletions, exports, merges, notices, offers


def init_app(app: Flask) -> None:
    for module in (merges, exports, deletions):
        app.register_blueprint(module.bp)
    app.jinja_env.globals.update(merge_offer=offers.merge_offer, open_merges=offers.open_merges)
    app.jinja_env.globals.update(waiting_notices=notices.waiting_notices)
