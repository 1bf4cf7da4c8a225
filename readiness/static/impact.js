// Enhancement only: shows how far a reckoning is, and its outcome when it is done.
"use strict";

(() => {
  const state = document.getElementById("impact-state");
  const bar = document.getElementById("impact-progress");
  if (!state || !bar) return;
  const look = async () => {
    try {
      const response = await fetch(state.dataset.address, { headers: { Accept: "application/json" } });
      const run = await response.json();
      if (run.state !== "running") return location.reload();
      bar.max = run.total || 1;
      bar.value = run.done;
    } catch {
      // The next look tries again.
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();
