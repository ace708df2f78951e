// Follows the desk's stream of events, and says so when it is interrupted.
"use strict";

const RETRY = 5000;
const banner = (name) => { for (const id of ["offline", "gone", "elsewhere"]) document.getElementById(id).hidden = id !== name; };

async function broken() {
  const answer = await fetch("/desk/ticket", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer && answer.status === 401) gone(); else banner("offline");
  setTimeout(connect, RETRY);
}

// Whoever signs out here is on the way to another page already, and must not be led elsewhere by the stream's end.
let leaving = false;
document.getElementById("leave").addEventListener("submit", () => { leaving = !typed(); });

// What is on the screen belongs to whoever was signed in: it goes, unless it is unsaved text.
function gone() { if (typed()) banner("gone"); else if (!leaving) location.assign("/login"); }

function connect() {
  const stream = new EventSource(desk.dataset.live);
  const on = (name, act) => stream.addEventListener(name, (event) => act(event.data));
  on("hello", (text) => {
    const hello = JSON.parse(text);
    if (hello.agent !== desk.dataset.agent) location.reload();
    clock.set(hello.now);
    banner("");
  });
  on("region", (html) => take(new DOMParser().parseFromString(html, "text/html").body.firstElementChild));
  on("gone", () => { stream.close(); gone(); setTimeout(connect, RETRY); });
  on("elsewhere", () => { stream.close(); banner("elsewhere"); });
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) broken(); else banner("offline");
  };
}

document.body.addEventListener("htmx:sendError", () => {
  document.getElementById("notice").replaceChildren(document.getElementById("unreachable").content.cloneNode(true));
});
connect();
