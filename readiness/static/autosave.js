// Enhancement only: without it the form saves with its button. Each place is sent by itself as soon as it was written.
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave]");
  const status = document.getElementById("autosaved");
  if (!form || !status || !form.querySelector("button[type=submit]")) return;
  let last = Promise.resolve();

  const send = async (field) => {
    const path = field.name.slice("value:".length);
    const seen = form.elements["seen:" + path];
    const sent = field.value;
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set(field.name, sent);
    body.set(seen.name, seen.value);
    status.textContent = status.dataset.waiting;
    try {
      const response = await fetch(form.action || location.href, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      const said = await response.json();
      if (said.closed) {
        status.textContent = status.dataset.closed;
        return;
      }
      if (said.conflicts.length) {
        status.textContent = status.dataset.conflict;
        field.closest(".written").classList.add("conflicting");
        return;
      }
      for (const [place, [state, label]] of Object.entries(said.standings)) {
        const standing = document.getElementById(`f-${place}-standing`);
        if (!standing) continue;
        standing.textContent = label;
        standing.className = `small standing-${state}`;
      }
      if (path in said.saved) seen.value = said.saved[path];
      status.dataset.sent = Number(status.dataset.sent || 0) + 1;
      status.textContent = status.dataset.saved;
      field.closest(".written").classList.remove("conflicting");
    } catch {
      // The button still sends everything, and its answer says what is wrong.
      status.textContent = status.dataset.failed;
    }
  };

  form.addEventListener("change", (event) => {
    if (event.target.name?.startsWith("value:")) last = last.then(() => send(event.target));
  });
})();
