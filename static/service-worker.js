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
