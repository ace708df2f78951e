// Puts new regions into their place, and never over something typed that is not saved.
"use strict";

const desk = document.getElementById("desk");
const ticket = document.getElementById("ticket");
let kept = null; // The ticket region of another call, while this one's text is not saved.

function typed() {
  const form = ticket.querySelector("form");
  if (!form) return false;
  const changed = (field) => field.type !== "hidden" && (field.options
    ? field.selectedIndex > 0 && !field.options[field.selectedIndex].defaultSelected
    : "defaultValue" in field && field.value !== field.defaultValue);
  return form.dataset.typed === "true" || [...form.elements].some(changed);
}

function tellHeld() {
  const call = kept && kept.dataset.key;
  const when = !kept ? "" : typed() ? (call ? "typed" : "over") : call ? "saved" : "";
  document.getElementById("held").hidden = !when;
  // Once its call is gone there is no other ticket for it.
  if (kept) ticket.querySelector(".another")?.remove();
  for (const text of document.querySelectorAll("#held [data-when]")) text.hidden = text.dataset.when !== when;
}

function put(region, fresh) {
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  region.dataset.key = fresh.dataset.key;
  region.replaceChildren(...fresh.childNodes);
  htmx.process(region);
  clock.show(region);
  if (focused) document.getElementById(focused)?.focus();
  if (region === ticket && document.activeElement === document.body) region.querySelector("[autofocus]")?.focus();
  if (region.id === "state") announce(region.querySelector(".state").dataset.title, region.querySelector("[name=csrf]").value);
}

// A new session has a new seal; a form kept from before must carry it to be saved.
function announce(title, seal) {
  document.title = `${title} – ${desk.dataset.site}`;
  document.getElementById("announcer").textContent = title;
  for (const field of document.querySelectorAll("[name=csrf]")) field.value = seal;
}

function take(fresh) {
  const region = document.getElementById(fresh.dataset.region);
  if (region === ticket) kept = null;
  if (region.dataset.key !== fresh.dataset.key) {
    // The docket stays to be read out until the next call.
    const keep = region === ticket && (typed() || (!fresh.dataset.key && region.querySelector(".saved")));
    if (keep) kept = fresh; else put(region, fresh);
  }
  tellHeld();
}

document.getElementById("drop").addEventListener("click", () => {
  if (kept) put(ticket, kept);
  kept = null;
  tellHeld();
});
// A district chosen by hand while that of the PIN code was on its way stays.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "whereabouts") return;
  const chosen = detail.target.querySelector("select").value;
  if (chosen !== detail.requestConfig.parameters.district) detail.shouldSwap = false;
});
document.body.addEventListener("htmx:afterSettle", () => tellHeld());
window.addEventListener("beforeunload", (event) => { if (typed()) event.preventDefault(); });
