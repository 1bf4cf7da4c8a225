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

for (const source of document.querySelectorAll(".copy-source")) {
  source.addEventListener("focus", () => source.select());
}
