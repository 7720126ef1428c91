// What the page is made of: the pack's data, elements, colours and the theme. Text of anyone's goes through textContent.

const PACK = JSON.parse(document.getElementById("pack").textContent);
const ROOT = document.documentElement;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const DARK = matchMedia("(prefers-color-scheme: dark)");
const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };
const SIGNS = { auto: "◐", light: "○", dark: "●" };
const redraws = []; // what is drawn in a theme's colours, at a size

const find = (id) => document.getElementById(id);

function make(tag, { text = "", data = {}, ...attributes } = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  Object.assign(element.dataset, data);
  element.textContent = text;
  element.append(...children);
  return element;
}

function say(text) {
  find("said").textContent = text;
}

// One of several buttons is pressed.
function press(buttons, chosen) {
  buttons.forEach((button, index) => button.setAttribute("aria-pressed", index === chosen));
}

// A short glow of an element's overlay; without motion it is simply there for a moment.
function glow(element, strength, milliseconds = 320) {
  const still = [{ opacity: strength }, { opacity: strength }];
  element.animate(STILL.matches ? still : [{ opacity: strength }, { opacity: 0 }], {
    duration: STILL.matches ? 120 : milliseconds,
    easing: "ease-out",
  });
}

// A canvas as many pixels large as the screen shows of it, cleared.
function blank(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
  return canvas.getContext("2d");
}

// Red, green and blue, 0..255, of a custom property that holds a colour.
function colour(element, property) {
  const pixel = colour.canvas ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  pixel.fillStyle = getComputedStyle(element).getPropertyValue(property);
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function redraw() {
  for (const draw of redraws) draw();
}

// Storage is refused to local files by some browsers; the theme is then forgotten.
function remembered(theme) {
  try {
    if (theme) localStorage.setItem("samplegen-theme", theme);
    return localStorage.getItem("samplegen-theme");
  } catch {
    return theme ?? null;
  }
}

function showTheme(choice) {
  ROOT.dataset.choice = choice;
  ROOT.dataset.theme = choice === "auto" ? (DARK.matches ? "dark" : "light") : choice;
  find("theme").textContent = `${SIGNS[choice]} ${THEMES[choice]}`;
  find("theme").setAttribute("aria-label", `Colours: ${THEMES[choice]}`);
  redraw();
}

function startTheme() {
  const names = Object.keys(THEMES);
  const kept = remembered();
  showTheme(names.includes(kept) ? kept : "auto");
  DARK.addEventListener("change", () => showTheme(ROOT.dataset.choice));
  find("theme").addEventListener("click", () => {
    const next = names[(names.indexOf(ROOT.dataset.choice) + 1) % names.length];
    remembered(next);
    showTheme(next);
  });
}

function startTexts() {
  find("title").textContent = PACK.title;
  find("about").textContent = PACK.about;
  find("notice").textContent = PACK.notice;
  find("notice").hidden = !PACK.notice;
  find("licence").lastChild.textContent = PACK.licence;
  find("licence").hidden = !PACK.licence;
  const rows = PACK.facts.map(([name, value]) => make("div", {}, [make("dt", { text: name }), make("dd", { text: value })]));
  find("facts").append(...rows);
}
