// Sending files one by one, with progress and cancel; dropping and pasting. Without scripts the form works by itself.
(() => {
  "use strict";
  const AWAY = "chatpop cannot be reached right now. Please try again.";

  // Sends one file; `done` gives { id, url } or throws an Error with the sentence. Nothing here knows a page.
  const send = (url, file, fields, onProgress) => {
    const request = new XMLHttpRequest();
    const done = new Promise((resolve, reject) => {
      const fail = (sentence) => reject(new Error(sentence));
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        const result = request.response?.results?.[0];
        if (result?.status === "success") resolve(result);
        else fail(result?.error || request.response?.error || AWAY);
      });
      request.addEventListener("error", () => fail(AWAY));
      request.addEventListener("abort", () => fail("Cancelled."));
    });
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("files", file, file.name || "picture.png");
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
    return { done, cancel: () => request.abort() };
  };

  // The files of a drop or a paste; nothing for text.
  const filesOf = (transfer) => Array.from(transfer?.files || []);

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // A line with the file's name, a bar and a button to stop.
  const showSending = (place, name) => {
    const bar = element("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", name);
    const stop = element("button", { type: "button", className: "button-quiet", textContent: chatpopSay("Cancel") });
    stop.setAttribute("aria-label", chatpopSay("Cancel {name}", { name }));
    const words = element("p");
    const line = element("li", { className: "upload-sending" }, element("span", { textContent: name }), stop, bar);
    place.append(line);
    const end = (sentence, good) => {
      bar.remove();
      stop.remove();
      line.toggleAttribute("data-done", good);
      words.textContent = chatpopSay(sentence);
      line.append(words);
    };
    return {
      progress: (share) => { bar.value = share; },
      onCancel: (act) => stop.addEventListener("click", act),
      end,
    };
  };

  // One after the other: the first makes a visitor a guest, and the others are that guest's.
  let last = Promise.resolve();
  const sendAll = (files, { url, fields, place, maxSize, tooLarge }) => {
    const sent = files.map((file) => {
      const line = showSending(place, file.name || "picture.png");
      let cancelled = false;
      let cancel = () => { cancelled = true; };
      line.onCancel(() => cancel());
      last = last.then(async () => {
        try {
          if (cancelled) throw new Error("Cancelled.");
          if (maxSize && file.size > maxSize) throw new Error(tooLarge);
          const sending = send(url, file, fields(), line.progress);
          cancel = sending.cancel;
          const result = await sending.done;
          line.end("Kept.", true);
          return result;
        } catch (error) {
          line.end(error.message, false);
          return null;
        }
      });
      return last;
    });
    return Promise.all(sent);
  };

  globalThis.chatpopUploads = { send, sendAll, filesOf };

  const form = () => document.getElementById("upload-form");
  const start = async (files) => {
    const from = form();
    if (!from || !files.length) return;
    const { csrf_token: token, private: hidden } = from.elements;
    const results = await sendAll(files, {
      url: from.action,
      fields: () => ({ csrf_token: token.value, ...(hidden.checked ? { private: "1" } : {}) }),
      place: document.getElementById("upload-queue"),
      maxSize: Number(from.dataset.maxSize),
      tooLarge: from.dataset.tooLarge,
    });
    const kept = results.filter(Boolean).length;
    document.getElementById("announcer").textContent = chatpopSay("{kept} of {all} files kept", { kept, all: results.length });
    // A visitor has become a guest: the whole page says so.
    if (kept && from.dataset.tier === "anonymous") {
      if (kept === results.length) return location.assign("/uploads");
      from.dataset.tier = "guest";
      showWho();
    }
    return htmx.ajax("GET", "/uploads/list", { target: "#uploads", swap: "outerHTML" });
  };

  const showWho = async () => {
    const answer = await fetch("/uploads");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("identity-chip")?.replaceWith(page.getElementById("identity-chip"));
  };

  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    const chosen = form().elements.files;
    if (!chosen.files.length) return;
    event.preventDefault();
    start(Array.from(chosen.files));
    chosen.value = "";
  });

  document.addEventListener("paste", (event) => {
    const files = filesOf(event.clipboardData);
    if (!form() || !files.length) return;
    event.preventDefault();
    start(files);
  });

  const isOver = (event) => form() && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    form().toggleAttribute("data-over", true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form()?.removeAttribute("data-over"); });
  document.addEventListener("drop", (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    form().removeAttribute("data-over");
    start(filesOf(event.dataTransfer));
  });
})();
