// Runs the timers: [data-since] counts up, [data-until] counts down, by the server's clock.
"use strict";

const clock = {
  offset: 0,
  // The desk's own clock may be wrong by minutes; the server says what time it is.
  set(now) {
    clock.offset = now - Date.now() / 1000;
    clock.show(document);
  },
  show(root) {
    const now = Date.now() / 1000 + clock.offset;
    for (const timer of root.querySelectorAll("[data-since]")) timer.textContent = clock.text(now - timer.dataset.since);
    for (const timer of root.querySelectorAll("[data-until]")) timer.textContent = clock.text(timer.dataset.until - now);
  },
  text(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    const tail = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
  },
};

clock.set(Number(document.getElementById("desk").dataset.now));
setInterval(() => clock.show(document), 1000);
