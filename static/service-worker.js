// The site's service worker. It keeps one page, the same for everybody, for the time without a line; nothing that
// anybody wrote or read. The server puts VERSION, PAGE, FILES and ICON before it.
"use strict";
const CACHE = `chatpop-${VERSION}`;

addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([new Request(PAGE, { cache: "reload" }), ...FILES]);
    await skipWaiting();
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("chatpop-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
  };
  event.waitUntil(tidy());
});

// Everything else, streams, posts and files above all, goes its way as if no worker were there.
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/files/")) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  else if (FILES.includes(url.pathname)) event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});

// Somebody has answered or mentioned the one whose browser this is.
addEventListener("push", (event) => {
  const tell = async () => {
    const { title, body, tag, url } = event.data.json();
    await navigator.setAppBadge?.().catch(() => { /* a browser may refuse it */ });
    await registration.showNotification(title, { body, tag, renotify: true, icon: ICON, badge: ICON, dir: "auto", data: { url } });
  };
  event.waitUntil(tell());
});

// The room's open page, else a new one at the message.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const go = async () => {
    const target = new URL(event.notification.data.url, location.origin);
    const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const page = open.find((client) => new URL(client.url).pathname === target.pathname);
    return page ? page.focus() : clients.openWindow(target.href);
  };
  event.waitUntil(go());
});

// The browser has replaced its subscription by another one.
addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const fresh = event.newSubscription || (await registration.pushManager.subscribe(event.oldSubscription.options));
    const headers = { "Content-Type": "application/json" };
    await fetch("/push/subscriptions", { method: "POST", headers, body: JSON.stringify(fresh) });
  };
  event.waitUntil(renew());
});
