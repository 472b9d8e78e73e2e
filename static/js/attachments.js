// Files in the composer: chosen, dropped or pasted, each sent at once with a bar and a way to stop; the message then
// names those that have arrived. Without scripts the composer is a plain form that carries its files itself.
(() => {
  "use strict";
  const form = () => document.getElementById("composer-form");
  const queue = () => document.getElementById("composer-files");
  const lines = (state) => Array.from(queue()?.querySelectorAll(`[data-state="${state}"]`) || []);
  let sendsWhenDone = false;

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const nameOf = (file) => file.name || "picture.png";

  const lookOf = (file) => {
    if (!/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) return null;
    const look = element("img", { className: "composer-file-look", alt: "", src: URL.createObjectURL(file) });
    const done = () => URL.revokeObjectURL(look.src);
    look.addEventListener("load", done);
    look.addEventListener("error", () => { done(); look.remove(); });
    return look;
  };

  // A line with the file's look and name, a bar, and a button that takes it away again.
  const newLine = (file) => {
    const name = nameOf(file);
    const bar = element("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", chatpopSay("Sending {name}", { name }));
    const words = element("span", { className: "composer-file-words" }, element("span", { className: "composer-file-name", textContent: name }), bar);
    const away = element("button", { type: "button", className: "button-quiet", textContent: chatpopSay("Cancel") });
    away.setAttribute("aria-label", chatpopSay("Cancel {name}", { name }));
    const look = lookOf(file);
    const line = element("li", { className: "composer-file" }, ...(look ? [look] : []), words, away);
    line.dataset.state = "sending";
    const ended = (state) => {
      bar.remove();
      line.dataset.state = state;
      away.textContent = chatpopSay("Remove");
      away.setAttribute("aria-label", chatpopSay("Remove {name}", { name }));
    };
    away.addEventListener("click", () => {
      if (line.dataset.state === "sending") line.cancel?.();
      const id = line.querySelector("[name=attachments]")?.value;
      if (id) forget(id);
      line.remove();
      document.getElementById("composer-text")?.focus({ preventScroll: true });
      settled();
    });
    return {
      line,
      progress: (share) => { bar.value = share; },
      ready: (id) => {
        ended("ready");
        line.append(element("input", { type: "hidden", name: "attachments", value: id }));
      },
      failed: (sentence) => {
        ended("failed");
        words.append(element("p", { textContent: sentence }));
        document.getElementById("announcer").textContent = `${name}: ${sentence}`;
      },
    };
  };

  // Nobody waits for it: what is never sent goes by itself after a while.
  const forget = (id) => {
    const body = new URLSearchParams({ csrf_token: form()?.elements.csrf_token.value || "" });
    fetch(`/uploads/${id}/deletion`, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => {});
  };

  // A message that was to go once its files are there goes now, unless one of them failed: then the writer decides.
  const settled = () => {
    if (!sendsWhenDone || lines("sending").length) return;
    sendsWhenDone = false;
    if (!lines("failed").length) form()?.requestSubmit();
  };

  const send = async (file, shown) => {
    const { line } = shown;
    if (!line.isConnected) return;
    const { files: url } = form().dataset;
    const sending = globalThis.chatpopUploads.send(url, file, { csrf_token: form().elements.csrf_token.value }, shown.progress);
    line.cancel = sending.cancel;
    try {
      const { id } = await sending.done;
      if (line.isConnected) shown.ready(id);
      else forget(id);
    } catch (error) {
      if (line.isConnected) shown.failed(error.message);
    }
    settled();
  };

  // One after the other, so that a slow line does not send ten halves.
  let last = Promise.resolve();
  const add = (files) => {
    const { maxSize, tooLarge, most, tooMany } = form().dataset;
    for (const file of files) {
      const shown = newLine(file);
      const isOneTooMany = queue().children.length - lines("failed").length >= Number(most);
      queue().append(shown.line);
      if (isOneTooMany) shown.failed(tooMany);
      else if (file.size > Number(maxSize)) shown.failed(tooLarge);
      else last = last.then(() => send(file, shown));
    }
    queue().lastElementChild?.scrollIntoView({ block: "nearest" });
  };

  // The scripts send the files, so the form itself has none.
  htmx.onLoad((root) => {
    if (!form() || !(root === document.body || root.querySelector("#composer-form") || root.id === "doorstep")) return;
    form().removeAttribute("enctype");
    document.getElementById("composer-choice").removeAttribute("name");
  });

  document.addEventListener("change", (event) => {
    if (event.target.id !== "composer-choice") return;
    const files = Array.from(event.target.files);
    event.target.value = "";
    add(files);
    document.getElementById("composer-text").focus({ preventScroll: true });
  });

  document.addEventListener("paste", (event) => {
    const files = globalThis.chatpopUploads.filesOf(event.clipboardData);
    // An office program puts a picture of the text beside the text.
    if (!form() || !files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(files);
  });

  const over = (state) => form()?.toggleAttribute("data-over", state);
  const isOver = (event) => form() && event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", (event) => {
    if (!isOver(event)) return;
    event.preventDefault();
    over(false);
    add(globalThis.chatpopUploads.filesOf(event.dataTransfer));
  });

  // Before htmx hears of it.
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || !lines("sending").length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sendsWhenDone = true;
    document.getElementById("announcer").textContent = chatpopSay("The message goes once its files are there.");
  }, true);
})();
