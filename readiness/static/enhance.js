// Enhancement only: every page works without it.
"use strict";

for (const summary of document.querySelectorAll("[data-focus]")) {
  summary.focus();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value);
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  const source = document.getElementById(button.dataset.share);
  if (!source || !navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: button.dataset.title, url: source.value }).catch(() => {});
  });
}

for (const source of document.querySelectorAll(".copy-source")) {
  source.addEventListener("focus", () => source.select());
}

// A page that the browser kept whole may be out of date: what is saved is shown instead.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// What was sent and not confirmed, because the connection or the server went, stands in the form again.
(() => {
  const form = document.querySelector("form[data-unsent]");
  const kept = JSON.parse(sessionStorage.getItem("unsent") || "null");
  sessionStorage.removeItem("unsent");
  if (!form) return;
  const note = form.elements.note;
  const chosen = () => form.querySelector("input[name=answer]:checked")?.value || "";
  const isPage = kept && kept.path === location.pathname && kept.version === form.elements.version.value;
  if (isPage && (kept.answer !== chosen() || kept.note !== note.value)) {
    for (const radio of form.querySelectorAll("input[name=answer]")) radio.checked = radio.value === kept.answer;
    note.value = kept.note;
    if (kept.note) note.closest("details").open = true;
    const notice = document.getElementById(form.dataset.unsent);
    notice.hidden = false;
    notice.focus();
  }
  form.addEventListener("submit", () => {
    const sent = { path: location.pathname, version: form.elements.version.value, answer: chosen(), note: note.value };
    sessionStorage.setItem("unsent", JSON.stringify(sent));
  });
})();
