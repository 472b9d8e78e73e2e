"""The application factory."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy.exc import DBAPIError

from chatpop import admin, api, schedule
from chatpop.accounts import views as accounts
from chatpop.config import Config
from chatpop.core import database, logging
from chatpop.extensions import db, limiter, login, migrations, redis_store
from chatpop.identity import recognition
from chatpop.lifecycle import views as lifecycle
from chatpop.push import views as push
from chatpop.rooms import views as rooms
from chatpop.rooms.live import live
from chatpop.rooms.views.fast_path import FastPath
from chatpop.settings import registry
from chatpop.uploads import views as uploads
from chatpop.web import (
    assets,
    compression,
    csrf,
    errors,
    health,
    installing,
    languages,
    limits,
    parts,
    request_log,
    security_headers,
    templating,
)
from chatpop.web.client_address import TrustedProxies
from chatpop.web.site import Site
from chatpop.web.whole_bodies import WholeBodies

ROOT = Path(__file__).resolve().parents[1]
MAX_BODY = 256 * 1024
"""Bytes of any body that is no upload."""
PARTS = (
    parts,
    request_log,
    compression,
    security_headers,
    limits,
    languages,
    templating,
    errors,
    assets,
    installing,
    recognition,
    uploads,
    csrf,
    live,
    schedule,
    accounts,
    push,
    rooms,
    lifecycle,
    admin,
    api,
    health,
)


def create_app(config: Config | None = None) -> Flask:
    """The site, ready to serve. Raises ``ConfigError`` for a wrong value in the environment."""
    config = config or Config.from_environ()
    logging.configure()
    registry.use_environment(config.setting_defaults)
    app = Site("chatpop", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.from_mapping(_flask_settings(config))
    app.before_request(_only_read)
    app.teardown_request(_let_go)
    _bind_extensions(app)
    for part in PARTS:
        part.init_app(app)
    app.wsgi_app = WholeBodies(TrustedProxies(FastPath(app, config), config))  # type: ignore[method-assign]
    return app


def _flask_settings(config: Config) -> dict[str, object]:
    """What Flask and its extensions want to know, from our configuration."""
    return {
        "CHATPOP": config,
        "SECRET_KEY": config.secret_key,
        "TRUSTED_HOSTS": config.hosts,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "SESSION_COOKIE_NAME": "chatpop_flash",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(config),
        "REDIS_URL": config.redis_address,
        "RATELIMIT_STORAGE_URI": config.redis_address.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 3},
        "RATELIMIT_STRATEGY": "moving-window",
    }


def _engine_options(config: Config) -> dict[str, object]:
    if config.database_url.startswith("sqlite"):
        return {"pool_size": 20, "max_overflow": 40, "hide_parameters": True}
    return {"hide_parameters": True, "pool_size": 10, "max_overflow": 20, "pool_timeout": 10}


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrations.init_app(app, str(ROOT / "migrations"))
    login.init_app(app, add_context_processor=False)  # it would ask the database while an error page is made
    app.extensions["limiter"] = {limiter}  # known already, so it adds no hooks: no view has a limit of theirs
    limiter.init_app(app)
    redis_store.init_app(app)
    with app.app_context():
        database.prepare_engine(db.engine)


def _only_read() -> None:
    """Requests read; a verb begins its own writing transaction (``core.transactions``)."""
    database.set_writing(False)


def _let_go(_error: BaseException | None) -> None:
    """A connection that broke meanwhile can't be rolled back; its answer is made and goes out all the same."""
    try:
        db.session.remove()
    except DBAPIError:
        db.session.registry.clear()
