// Passkeys: the page's buttons appear where the browser knows them, and speak with the site in JSON.
(() => {
  "use strict";
  const forms = () => document.querySelectorAll("form[data-passkey]");
  // An address in numbers can't have passkeys, and without https (or localhost) the browser hides them.
  const known = Boolean(window.PublicKeyCredential) && !/^[\d.]+$|^\[/.test(location.hostname);
  if (!known) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const make = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    } });
    const { clientDataJSON, attestationObject } = made.response;
    return {
      id: made.id, rawId: text(made.rawId), type: made.type,
      response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) },
    };
  };

  const show = async (options) => {
    const shown = await navigator.credentials.get({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
    return {
      id: shown.id, rawId: text(shown.rawId), type: shown.type,
      response: {
        clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
        signature: text(signature), userHandle: userHandle && text(userHandle),
      },
    };
  };

  const ask = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json" },
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said;
  };

  const KINDS = {
    "sign-in": async () => show(await ask("/passkeys/questions", {})),
    add: async () => make(await ask("/passkeys/offers", {})),
    upgrade: async () => make(await ask("/passkeys/offers", { upgrade: true })),
  };
  const SENTENCES = {
    NotAllowedError: "Nothing was done: the question was closed, or took too long.",
    InvalidStateError: "This device has a passkey for your account already.",
    SecurityError: "Passkeys do not work at this address of the site.",
  };

  const refuse = (form, error) => {
    const box = document.createElement("div");
    box.className = "notice";
    const words = chatpopSay(SENTENCES[error.name] || error.message || "Something broke. Please try again.");
    box.append(Object.assign(document.createElement("p"), { textContent: words }));
    document.getElementById(form.dataset.refusals).replaceChildren(box);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    document.getElementById(form.dataset.refusals).replaceChildren();
    try {
      const credential = await KINDS[form.dataset.passkey]();
      const said = await ask(form.getAttribute("action"), { credential });
      location.assign(said.location);
    } catch (error) {
      refuse(form, error);
      button.disabled = false;
    }
  });

  htmx.onLoad(() => {
    forms().forEach((form) => { form.hidden = false; });
    document.querySelectorAll(".without-passkeys").forEach((note) => { note.hidden = true; });
  });
})();
