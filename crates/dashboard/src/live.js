// Keeps a page up to date, and reads out the values of charts. Everything is on the page without it.

"use strict";

const ROUND_MS = 1000; // a page is fetched once in this time at most,
const REST = 10; // and no sooner than so many times as long as it took
const SAID_MS = 15000; // whoever listens is told once in this time at most
const BEHIND_MAX = 5; // so often a page is fetched that does not go as far as was heard
const said = document.getElementById("said");

// What a chart says of the place that is pointed at, or reached with the arrow keys.
function readCharts() {
  for (const chart of document.querySelectorAll("[data-reads]:not([data-read])")) {
    const drawing = chart.querySelector("svg");
    const places = [...drawing.querySelectorAll("[data-value]")];
    if (places.length === 0) continue;
    const reading = document.createElement("output");
    reading.className = "reading";
    // It speaks to whoever asks by key; a page that is brought up to date says nothing by it.
    reading.setAttribute("aria-live", "off");
    chart.append(reading);
    let at = -1;
    const read = (place) => {
      places[at]?.removeAttribute("data-at");
      at = places.indexOf(place);
      place?.setAttribute("data-at", "");
      reading.textContent = place ? place.dataset.value : "";
    };
    chart.setAttribute("data-read", "");
    chart.readAt = (index) => read(places[index] ?? null);
    drawing.setAttribute("tabindex", "0");
    drawing.addEventListener("pointerover", (event) => read(event.target.closest("[data-value]")));
    drawing.addEventListener("pointerleave", () => read(null));
    drawing.addEventListener("focus", () => read(places[at] ?? places[places.length - 1]));
    drawing.addEventListener("blur", () => read(null));
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -places.length, End: places.length }[event.key];
      if (!step) return;
      event.preventDefault();
      reading.setAttribute("aria-live", "polite");
      read(places[Math.min(Math.max(at + step, 0), places.length - 1)]);
    });
  }
}

// The element in the same place of a page that is built alike.
function path(element, root) {
  const steps = [];
  for (let now = element; now !== root; now = now.parentElement) {
    if (!now) return null;
    steps.unshift([...now.parentElement.children].indexOf(now));
  }
  return steps;
}

function follow(steps, root) {
  return steps?.reduce((now, step) => now?.children[step], root) ?? null;
}

// Puts the new figures in place of the old; focus, what is folded out and how far it is scrolled stay.
function swap(html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  const now = document.querySelector("main");
  if (!next || next.dataset.follows !== now.dataset.follows) return;
  const typing = now.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
  // What is written into a form that orders something is not lost because somebody looks elsewhere meanwhile.
  const fields = [...now.querySelectorAll("form[method=post] :is(input, textarea)")];
  const written = fields.some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
  if (typing || written) return false;
  const focused = now.contains(document.activeElement) ? path(document.activeElement, now) : null;
  const open = [...now.querySelectorAll("details[open]")].map((details) => path(details, now));
  const scrolled = [...now.querySelectorAll(".scroll")].map((box) => [path(box, now), box.scrollTop, box.scrollLeft]);
  const [left, top] = [scrollX, scrollY];
  const read = [...now.querySelectorAll("[data-reads]")].map((chart) => {
    return [...chart.querySelectorAll("[data-value]")].findIndex((place) => place.hasAttribute("data-at"));
  });
  for (const steps of open) {
    const details = follow(steps, next);
    if (details?.matches("details")) details.open = true;
  }
  const told = now.dataset.summary;
  now.replaceWith(document.adoptNode(next));
  readCharts();
  for (const [steps, down, right] of scrolled) {
    const box = follow(steps, next);
    if (box) [box.scrollTop, box.scrollLeft] = [down, right];
  }
  if (focused) follow(focused, next)?.focus({ preventScroll: true });
  for (const [place, chart] of next.querySelectorAll("[data-reads]").entries()) {
    if (read[place] >= 0) chart.readAt?.(read[place]);
  }
  scrollTo({ left, top, behavior: "instant" });
  if (next.dataset.summary && next.dataset.summary !== told && performance.now() - saidAt > SAID_MS) {
    said.textContent = next.dataset.summary;
    saidAt = performance.now();
  }
  return true;
}

let waiting = null;
let announced = 0; // how far the read models of the page are, as far as was heard
let behind = 0; // how often in a row a page came that does not go as far
let nextAt = 0;
let saidAt = 0;
let changes = null;

// How far the page goes.
function position() {
  return Number(document.querySelector("main").dataset.position);
}

async function fetchAnew() {
  const began = performance.now();
  let again = false;
  try {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    again = response.ok && swap(await response.text()) === false;
  } catch {
    // The stream of changes comes again by itself, and what is missed now comes with the next change.
  }
  nextAt = began + Math.max(ROUND_MS, REST * (performance.now() - began));
  waiting = null;
  // A page may be two seconds old; a model that has stopped never comes to where the others are.
  behind = position() < announced ? behind + 1 : 0;
  if (again || (behind > 0 && behind <= BEHIND_MAX)) moved();
}

function moved() {
  if (waiting !== null || document.hidden) return;
  waiting = setTimeout(fetchAnew, Math.max(0, nextAt - performance.now()));
}

// A page that nobody sees holds no stream: a browser has few of them for a server.
function listen() {
  const { follows } = document.querySelector("main").dataset;
  if (!follows || document.hidden) {
    changes?.close();
    changes = null;
    return;
  }
  changes ??= new EventSource(`/v1/changes?models=${encodeURIComponent(follows)}`);
  changes.onmessage = (event) => {
    const told = JSON.parse(event.data).position;
    announced = Math.max(announced, told);
    behind = 0;
    if (told > position()) moved();
  };
}

readCharts();
listen();
document.addEventListener("visibilitychange", listen);
