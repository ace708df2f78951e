// Says when the page cannot renew itself, takes back what an earlier refusal said, and guards what is typed.
"use strict";

const notice = document.getElementById("notice");
const offline = document.getElementById("offline");

document.body.addEventListener("htmx:sendError", () => { offline.hidden = false; });
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (!xhr.status) return;
  offline.hidden = true;
  // What renews itself says nothing about a form that was refused.
  if (xhr.status < 400 && (elt.tagName === "FORM" || notice.querySelector('[data-fault="401"]'))) notice.replaceChildren();
});

function typed() {
  const form = document.querySelector("#new form");
  return [...form.querySelectorAll("textarea")].some((field) => field.value.trim());
}
let leaving = false; // By a form of this page, which has its own answer.
document.addEventListener("submit", (event) => { leaving = event.target.closest("#new") !== null; });
window.addEventListener("beforeunload", (event) => { if (typed() && !leaving) event.preventDefault(); });
