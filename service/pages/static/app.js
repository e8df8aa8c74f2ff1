// What pages gain with JavaScript. Each part stands alone; without it every page works all the same.
"use strict";

// A form is sent once, however often it is clicked. Coming back with the browser's button frees it again, and so does time:
// whoever stopped it may try once more.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10_000);
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
  if (event.key === "?") { const keys = document.getElementById("keys"); if (keys && !keys.open) keys.showModal(); }
  if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll("main a.case")];
    const next = links[links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1)];
    (next ?? (event.key === "j" ? links[0] : undefined))?.focus();
  }
});

// Said to those who hear the page, from a place that has stood there all the time: a new one may go unheard.
const say = (words) => { document.getElementById("live").textContent = words; };

// A case that somebody else has open, or has changed, says so. Without it the page says what held when it came.
const live = document.querySelector("[data-live]");
if (live && "EventSource" in window) {
  let stream, again, wait = 30_000;
  const tell = (part, told) => {
    const place = live.querySelector(`[data-part="${part}"]`);
    const { words, link, href } = JSON.parse(told.data);
    if (words && !place.textContent.startsWith(words)) say(words);
    place.textContent = words;
    place.hidden = !words;
    if (href) {
      const way = Object.assign(document.createElement("a"), { href, textContent: link });
      place.append(" ", way);
    }
  };
  const follow = () => {
    stream = new EventSource(live.dataset.live);
    stream.addEventListener("open", () => { wait = 30_000; });
    // A browser opens a stream anew that broke off, but none that was refused: the service was away, or the session is.
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      again = setTimeout(attend, wait);
      wait = Math.min(2 * wait, 1_800_000);
    });
    for (const part of ["presence", "changed"]) stream.addEventListener(part, (told) => tell(part, told));
  };
  // A page in the background holds no connection: a browser has few of them for all its tabs.
  const attend = () => { clearTimeout(again); stream?.close(); if (!document.hidden) follow(); };
  document.addEventListener("visibilitychange", attend);
  addEventListener("pagehide", () => stream?.close());
  attend();
}

// The drawing of a process begins where the case stands.
const centre = () => {
  for (const drawing of document.querySelectorAll(".diagram")) {
    const now = drawing.querySelector(".box.now");
    if (now) {
      const there = now.getBoundingClientRect(), frame = drawing.getBoundingClientRect();
      drawing.scrollBy(there.left - frame.left - frame.width / 2 + there.width / 2, there.top - frame.top - 80);
    }
  }
};
centre();

// Drafts: what is typed is sent to the server every ten seconds when it has changed, and kept on this computer until
// the server has said that it has it. Signing out, and having sent the form, removes the copy; and so does whoever is
// the next to sign in at this computer.
const COPIES = "fardplan-draft:";
const COPY = `${COPIES}${document.body.dataset.person}:`;
const remove = (which) => Object.keys(localStorage).filter((name) => name.startsWith(COPIES) && which(name)).forEach((name) => localStorage.removeItem(name));
const drop = (of) => remove((name) => name.startsWith(COPY + of));
if (document.body.dataset.person) remove((name) => !name.startsWith(COPY));
const draftForm = document.querySelector("form[data-draft]");
const written = (form) => new URLSearchParams([...new FormData(form)].filter(([name]) => !["csrf", "key", "version"].includes(name))).toString();
if (draftForm) {
  // A correction's copy is of the facts that were chosen, and is for no other choice.
  const place = COPY + [draftForm.dataset.draft, ...new FormData(draftForm).getAll("of")].join("?");
  const status = draftForm.querySelector("[data-draft-status]");
  const untouched = written(draftForm);
  const copy = localStorage.getItem(place);
  const fields = [...draftForm.elements].filter((field) => field.name && !["hidden", "submit"].includes(field.type));
  if (copy === untouched) localStorage.removeItem(place);
  // What the server gives back for what was sent is newer than the copy.
  else if (copy && "answered" in draftForm.dataset) localStorage.setItem(place, untouched);
  else if (copy) {
    const values = new URLSearchParams(copy);
    fields.forEach((field) => {
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.getAll(field.name).includes(field.value);
      else if (values.has(field.name)) {
        field.value = values.get(field.name);
        if (field.value) field.closest("details")?.setAttribute("open", "");
      }
    });
    status.textContent = draftForm.dataset.restored;
  }
  let known = written(draftForm), sent = false;
  const keep = async () => {
    const now = written(draftForm);
    if (now === known || sent) return;
    const body = new URLSearchParams([...new FormData(draftForm)]);
    const answer = await fetch(draftForm.dataset.draft, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (answer?.status !== 204) return;
    known = now;
    if (written(draftForm) === now) localStorage.removeItem(place);
    status.textContent = draftForm.dataset.kept;
  };
  draftForm.addEventListener("input", () => { sent = false; localStorage.setItem(place, written(draftForm)); });
  // Of a form on its way no draft is kept, however long the answer takes; whoever stopped it and writes on has one again.
  draftForm.addEventListener("submit", () => { sent = true; });
  addEventListener("pageshow", () => { sent = false; });
  setInterval(keep, 10_000);
}
document.querySelectorAll("[data-done]").forEach((done) => drop(`/cases/${done.dataset.done}/`));
document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/sign-out") || event.target.action.endsWith("/account/sign-out-everywhere")) drop("");
  // What was discarded must not come back from here.
  if (event.submitter?.value === "discard") drop(new URL(event.target.action).pathname.replace(/\/(steps|correct).*/, "/"));
});

// A day typed figure by figure is one change, made when its field is left or the form is sent.
let figures = false, held = false;
document.addEventListener("keydown", (event) => { if (event.target.type === "date") figures = true; });
document.addEventListener("pointerdown", () => { figures = false; });
document.addEventListener("submit", () => { held = false; });
document.addEventListener("change", (event) => {
  if (event.target.type !== "date" || !event.isTrusted || !figures) return;
  event.stopPropagation();
  held = true;
}, true);
document.addEventListener("focusout", (event) => {
  if (held) event.target.dispatchEvent(new Event("change", { bubbles: true }));
  held = false;
});

// A list is put in anew in its place. An answer that is none (the door, a case, a refusal) is shown whole, as it would be
// without this; what was only to come later keeps its link.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const main = tasks.find((task) => task.type === "main");
  if (ctx.response.status < 400 && main?.fragment.childElementCount) return;
  event.preventDefault();
  if (ctx.push) location.assign(ctx.response.raw.url);
});
// What came is said; where nothing could be fetched, so is that.
const away = (form, yes) => form?.querySelectorAll("[data-away]").forEach((words) => { words.hidden = !yes; });
document.addEventListener("htmx:error", (event) => away(event.detail.ctx?.sourceElement, true));
document.addEventListener("htmx:after:swap", (event) => {
  away(event.detail.ctx.sourceElement, false);
  const told = document.querySelector("#results .empty") ?? document.querySelector("#results [data-told]");
  if (told) say(told.textContent);
  centre();
});
