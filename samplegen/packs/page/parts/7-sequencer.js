// The sequencer's face: patterns, lanes of steps, tempo and swing, and the pattern as text.

const REST = 0;
const LEVELS = { ".": REST, o: 45, x: VELOCITY, X: 120 }; // signs of the step grid and their velocities
const CYCLE = [REST, LEVELS.x, LEVELS.X, LEVELS.o]; // what a click changes a step to, in turn
const SPOKEN = { [REST]: "rest", 45: "ghost", 100: "hit", 120: "accent" };

let pattern = null; // a copy of one of the pack's, so that changes can be taken back by choosing it again
let painting = null; // the velocity that a dragged mouse writes

const cycle = ({ lanes }) => Math.max(16, ...lanes.map(({ steps }) => steps.length));
const sign = (velocity) =>
  Object.keys(LEVELS).find((key) => LEVELS[key] === velocity) ?? String(Math.min(9, Math.max(1, Math.round(velocity / 10))));

function choose(index) {
  const { lanes, ...rest } = PACK.patterns[index];
  pattern = { ...rest, lanes: lanes.map(({ sound, steps }) => ({ sound: PACK.sounds[sound], steps: [...steps] })) };
  press([...find("patterns").children], index);
  for (const [name, value] of [["tempo", pattern.bpm], ["swing", pattern.swing]]) find(name).value = value;
  showDials();
  showLanes();
}

function showDials() {
  pattern.bpm = find("tempo").valueAsNumber;
  pattern.swing = find("swing").valueAsNumber;
  find("tempo-value").textContent = `${pattern.bpm}`;
  find("swing-value").textContent = `${pattern.swing} %`;
}

function showLanes() {
  find("lanes").replaceChildren(...pattern.lanes.map(makeLane));
  const first = find("lanes").querySelector(".step");
  if (first) first.tabIndex = 0;
}

function makeLane(lane) {
  const options = PACK.sounds.map(({ name, role }, index) => make("option", { text: `${name} (${role})`, value: index }));
  const select = make("select", { "aria-label": "Sound of the lane" }, options);
  select.value = PACK.sounds.indexOf(lane.sound);
  const steps = make("div", { class: "steps" }, lane.steps.map((_, step) => makeStep(lane, step)));
  const row = make("div", { class: "lane", data: { role: lane.sound.role } }, [select, steps]);
  select.addEventListener("change", () => {
    lane.sound = PACK.sounds[select.value];
    row.dataset.role = lane.sound.role;
    lane.steps.forEach((_, step) => showVelocity(lane, step, steps.children[step]));
    hit(lane.sound, VELOCITY);
  });
  return row;
}

function makeStep(lane, step) {
  const button = make("button", { type: "button", class: "step", tabindex: "-1" });
  const write = (velocity) => {
    lane.steps[step] = velocity;
    showVelocity(lane, step, button);
  };
  const next = () => CYCLE[(CYCLE.indexOf(lane.steps[step]) + 1) % CYCLE.length];
  button.addEventListener("pointerdown", (event) => {
    button.dataset.by = event.pointerType;
    if (event.pointerType === "mouse" && event.button === 0) write((painting = next()));
  });
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("pointerenter", () => painting !== null && write(painting));
  button.addEventListener("click", (event) => (event.detail === 0 || button.dataset.by !== "mouse") && write(next()));
  button.addEventListener("keydown", (event) => walkSteps(event, button));
  showVelocity(lane, step, button);
  return button;
}

function showVelocity(lane, step, button) {
  const velocity = lane.steps[step];
  button.style.setProperty("--velocity", (velocity / HARD).toFixed(3));
  button.setAttribute("aria-pressed", velocity > 0);
  button.setAttribute("aria-label", `${lane.sound.name}, step ${step + 1}: ${SPOKEN[velocity] ?? `velocity ${velocity}`}`);
}

function walkSteps(event, button) {
  const [across, down] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [];
  if (across === undefined) return;
  event.preventDefault();
  const rows = [...find("lanes").querySelectorAll(".steps")];
  const row = rows.indexOf(button.parentElement);
  const next = rows[row + down]?.children[[...button.parentElement.children].indexOf(button) + across];
  if (!next) return;
  button.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

// The step that sounds, or null for none.
function showStep(step) {
  find("sequencer").dataset.step = step ?? "";
  for (const steps of find("lanes").querySelectorAll(".steps")) {
    steps.querySelector("[data-now]")?.removeAttribute("data-now");
    if (step !== null) steps.children[step % steps.children.length].dataset.now = "";
  }
}

// A space after every beat, and between a letter and a digit, which would be its ratchet.
function grid(steps) {
  const beats = [];
  for (let at = 0; at < steps.length; at += 4) beats.push(steps.slice(at, at + 4).map(sign).join(""));
  return beats.join(" ").replace(/([Xxo])(?=\d)/g, "$1 ");
}

// As samplegen's step grid writes it: a role stands for its first sound, a note for any other.
function asText({ lanes, bpm, swing }) {
  const named = ({ role, note }, index) => (PACK.sounds.findIndex((sound) => sound.role === role) === index ? role : `${note}`);
  const rows = lanes.map(({ sound, steps }) => [named(sound, PACK.sounds.indexOf(sound)), grid(steps)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const head = `# tempo ${bpm}  swing ${swing}  bars ${Math.ceil(cycle(pattern) / 16)}`;
  return [head, ...rows.map(([name, steps]) => `${name.padEnd(width)}  ${steps}`)].join("\n");
}

async function copy() {
  const text = asText(pattern);
  find("sequencer").dataset.text = text;
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say(text); // the browser keeps its clipboard to itself: shown, to be copied by hand
  }
}

function addLane() {
  pattern.lanes.push({ sound: shownSound ?? PACK.sounds[0], steps: Array(16).fill(REST) });
  showLanes();
}

function clear() {
  for (const { steps } of pattern.lanes) steps.fill(REST);
  showLanes();
}

function startSequencer() {
  const buttons = PACK.patterns.map(({ name }) => make("button", { text: name, type: "button", class: "pill" }));
  buttons.forEach((button, index) => button.addEventListener("click", () => choose(index)));
  find("patterns").append(...buttons);
  for (const id of ["tempo", "swing"]) find(id).addEventListener("input", showDials);
  for (const [id, act] of Object.entries({ start: toggle, copy, add: addLane, clear, save })) find(id).addEventListener("click", act);
  addEventListener("pointerup", () => (painting = null));
  choose(0);
}
