// What pages gain with JavaScript. Each part stands alone; without it every page works all the same.
"use strict";

// A form is sent once, however often it is clicked; coming back with the browser's button frees it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// "Select all" boxes, and the count of what is selected.
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-selects]");
  if (all) document.querySelectorAll(all.dataset.selects).forEach((box) => { box.checked = all.checked; });
});

// The first thing wrong in a form is read out and in view.
document.getElementById("errors")?.focus();

// Single keys, which can be switched off under "My account" (WCAG 2.1.4) and never act while somebody types.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
let before = "";
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const after = before + event.key;
  before = event.key === "g" ? "g" : "";
  const goes = { gt: "/tasks", gw: "/waiting", go: "/overview", ga: "/agreements" }[after];
  if (goes) { location.assign(goes); return; }
  if (event.key === "/") { event.preventDefault(); document.getElementById("find")?.focus(); }
  if (event.key === "?") document.getElementById("keys")?.showModal?.();
  if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll("main a.case")];
    const next = links[links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1)];
    (next ?? (event.key === "j" ? links[0] : undefined))?.focus();
  }
});
