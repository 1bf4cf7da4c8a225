// Enhancement only: looks every three seconds whether the room went on, and sends an answer again until it arrives.
"use strict";

(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const part = (id) => document.getElementById(id);
  const EVERY = 3000;
  const LONGEST = 30000;
  const KEPT = "unsent voice";
  const form = document.querySelector("form[data-keep]");
  let mark = live.dataset.mark;
  let wait = EVERY;
  let timer;
  let sending = false;

  for (const each of document.querySelectorAll("[data-without-script]")) each.hidden = true;

  const written = () => [...new FormData(form)].filter(([name]) => name === "answer" || name === "reason").join("\n");
  const first = form && written();
  const holds = () => sending || (form && written() !== first);

  const show = (said) => {
    part("live-line").textContent = said.line;
    if (said.names && part("live-names")) {
      part("live-names").replaceChildren(
        ...said.names.map((name) => Object.assign(document.createElement("li"), { textContent: name })),
      );
    }
    if (said.place === live.dataset.place) return;
    // What was written and not sent is never taken away by itself.
    if (holds()) part("live-moved").hidden = false;
    else location.replace(live.dataset.address.replace(/\/state$/, ""));
  };

  const look = async () => {
    clearTimeout(timer);
    try {
      const response = await fetch(live.dataset.address, {
        headers: { "If-None-Match": mark, Accept: "application/json" },
        cache: "no-store",
        signal: AbortSignal.timeout(10000),
      });
      // Signed out, or the room is gone: the page itself says so.
      if (response.redirected || response.status === 404) return location.reload();
      if (response.status !== 200 && response.status !== 304) throw new Error("no answer");
      if (response.status === 200) {
        mark = response.headers.get("ETag");
        show(await response.json());
      }
      part("live-lost").hidden = true;
      wait = EVERY;
    } catch {
      part("live-lost").hidden = false;
      wait = Math.min(2 * wait, LONGEST);
    }
    // Not all at the same moment when a network comes back.
    timer = setTimeout(look, wait * (0.9 + 0.2 * Math.random()));
  };

  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  timer = setTimeout(look, EVERY);

  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const send = document.querySelector("form[data-send]");
  if (!send) {
    const late = part("late");
    if (late && kept && kept.action === late.dataset.action) {
      late.querySelector("strong").textContent = kept.text;
      late.hidden = false;
    }
    sessionStorage.removeItem(KEPT);
    return;
  }
  const action = send.getAttribute("action");

  let again = EVERY;
  let retry;
  // Only the newest delivery has something to say: what an earlier one brings back is about an earlier choice.
  let newest;
  const deliver = async () => {
    clearTimeout(retry);
    newest?.abort();
    const mine = new AbortController();
    newest = mine;
    const chosen = send.querySelector("input[name=answer]:checked");
    sending = true;
    const text = chosen.labels[0].textContent.trim();
    sessionStorage.setItem(KEPT, JSON.stringify({ action, answer: chosen.value, text }));
    const late = setTimeout(() => mine.abort(), 15000);
    let response;
    try {
      response = await fetch(action, {
        method: "POST",
        body: new URLSearchParams(new FormData(send)),
        redirect: "manual",
        signal: mine.signal,
      });
    } catch {
      if (mine !== newest) return;
      part("unsent").hidden = false;
      if (part("said")) part("said").hidden = true;
      again = Math.min(2 * again, LONGEST);
      retry = setTimeout(deliver, again);
      return;
    } finally {
      clearTimeout(late);
    }
    if (mine !== newest) return;
    sessionStorage.removeItem(KEPT);
    if (response.type === "opaqueredirect") location.replace(live.dataset.address.replace(/\/state$/, ""));
    // The page that answers says why; the same message twice is once.
    else send.submit();
  };
  addEventListener("online", () => sending && deliver());

  send.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (pressed && (pressed.name !== "then" || pressed.value === "look")) return;
    if (!send.querySelector("input[name=answer]:checked")) return;
    event.preventDefault();
    // A later press is a later message: an earlier one that arrives after it replaces nothing.
    if (sending) send.elements.turn.value = Number(send.elements.turn.value) + 1;
    deliver();
  });

  if (kept && kept.action === action) {
    const radio = send.querySelector(`input[name=answer][value="${CSS.escape(kept.answer)}"]`);
    if (radio) {
      radio.checked = true;
      deliver();
    }
  }
})();
