"""Headers that every answer carries (SECURITY, "Pages, htmx, CSP")."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "worker-src 'self'",
        "manifest-src 'self'",
    ]
)

_INLINE = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'")
LOOSER = {"admin.jobs.": _INLINE}
"""Policies of pages with other people's scripts, by the start of their endpoints: rq-dashboard has them inline, and
templates that become code."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Never no-referrer: browsers would then post "Origin: null" from plain-http sites.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
"""Said over https."""


def init_app(app: Flask) -> None:
    app.after_request(_add)


def _add(response: Response) -> Response:
    for start, policy in LOOSER.items():
        if (request.endpoint or "").startswith(start):
            response.headers["Content-Security-Policy"] = policy
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(*HTTPS_ONLY)
    if "Set-Cookie" in response.headers or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
