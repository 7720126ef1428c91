// Pads in banks of sixteen, played by mouse, touch, keyboard and MIDI; and the sound that is shown large.

const BANK = 16;
const KEYS = [..."12345678"].map((key) => `Digit${key}`).concat([..."QWERTYUI"].map((key) => `Key${key}`));
const VELOCITY = 100; // of what has no other
const HARD = 127;
const SOFTEST = 30; // at the lower edge of a pad

const names = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
let bank = 0;
let shownSound = null;

const banks = () => Math.ceil(PACK.sounds.length / BANK);
const inBank = () => PACK.sounds.slice(bank * BANK, (bank + 1) * BANK);
const keyName = (index) => KEYS[index].replace(/Digit|Key/, "");

function makePad(sound, index) {
  const wave = make("canvas", { "aria-hidden": "true" });
  const key = make("kbd", { text: keyName(index % BANK), "aria-hidden": "true" });
  const parts = [make("span", { text: sound.role, class: "role" }), key, wave, make("span", { text: sound.name, class: "name" }), make("i")];
  const label = `${sound.name}, ${sound.role}, key ${keyName(index % BANK)}`;
  const pad = make("button", { type: "button", class: "pad", "aria-label": label, data: { role: sound.role } }, parts);
  pad.addEventListener("pointerdown", (event) => event.button === 0 && hit(sound, touched(pad, event)));
  pad.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the focus, so that space still plays
  pad.addEventListener("click", (event) => event.detail === 0 && hit(sound, VELOCITY)); // enter or space
  sound.pad = pad;
  sound.shown = () => {
    pad.dataset.ready = "";
    drawPad(sound);
    if (sound === PACK.sounds[0] && !shownSound) inspect(sound);
  };
  return pad;
}

function touched(pad, event) {
  const { top, height } = pad.getBoundingClientRect();
  const high = Math.min(1, Math.max(0, 1 - (event.clientY - top) / height));
  return Math.round(SOFTEST + high * (HARD - SOFTEST));
}

function drawPad(sound) {
  if (!sound.buffer || sound.pad.hidden) return;
  const ink = `rgb(${colour(sound.pad, "--role")})`;
  waveform(sound.pad.querySelector("canvas"), visible(sound.buffer.getChannelData(0)), ink);
}

function light(sound, velocity) {
  glow(sound.pad.lastChild, 0.25 + (0.75 * velocity) / HARD);
  glow(sound.point.lastChild, 1, 500);
}

function showBank(index) {
  bank = Math.min(banks() - 1, Math.max(0, index));
  const shown = inBank();
  for (const sound of PACK.sounds) sound.pad.hidden = !shown.includes(sound);
  press([...find("banks").children], bank);
  shown.forEach(drawPad);
}

// What is drawn here must be cheap: it follows every hit by hand. Pictures are made once a sound and theme.
function inspect(sound) {
  if (sound === shownSound || !sound.buffer) return playhead(sound);
  shownSound?.pad.removeAttribute("data-shown");
  shownSound = sound;
  sound.pad.dataset.shown = "";
  find("sound").dataset.role = sound.role;
  find("sound-name").textContent = sound.name;
  find("sound-role").textContent = sound.role;
  find("again").setAttribute("aria-label", `Play ${sound.name} again`);
  find("download").href = sound.href;
  find("download").title = decodeURIComponent(sound.href);
  find("download").setAttribute("aria-label", `Download ${sound.name} as WAV`);
  find("sound-facts").textContent = facts(sound);
  playhead(sound);
  requestAnimationFrame(drawSound);
}

function facts(sound) {
  const takes = sound.layers.reduce((count, layer) => count + layer.buffers.length, 0);
  const more = takes > 1 ? [`${sound.layers.length} velocity layers, ${takes} takes`] : [];
  const choke = sound.choke ? [`choke group ${sound.choke}`] : [];
  return [`${names.format(sound.buffer.duration)} s`, `MIDI note ${sound.note}`, ...choke, ...more].join("  ·  ");
}

function drawSound() {
  if (!shownSound) return;
  const samples = shownSound.buffer.getChannelData(0);
  const [role, ink, paper] = ["--role", "--ink", "--well"].map((name) => colour(find("sound"), name));
  waveform(find("wave"), samples, `rgb(${role})`);
  spectrogram(find("spectrum"), shownSound, [paper, role, ink]);
}

function playhead(sound) {
  if (STILL.matches || !live || sound !== shownSound) return;
  const ends = { transform: "translateX(100%)", opacity: 1 };
  find("playhead").animate([{ transform: "translateX(0)", opacity: 1 }, ends], { duration: 1000 * sound.buffer.duration });
}

// From a local page browsers download no other local file, but open it in the page's place: there its own copy is saved.
function downloadShown(event) {
  if (location.protocol !== "file:" || !shownSound) return;
  event.preventDefault();
  download(shownSound.buffer.getChannelData(0), find("download").title.split("/").at(-1));
}

function startPads() {
  find("pads").append(...PACK.sounds.map(makePad));
  if (banks() > 1) {
    const letters = Array.from({ length: banks() }, (_, index) => String.fromCharCode(65 + index));
    const buttons = letters.map((text) => make("button", { text, type: "button", class: "pill", "aria-label": `Bank ${text}` }));
    buttons.forEach((button, index) => button.addEventListener("click", () => showBank(index)));
    find("banks").append(...buttons);
  }
  showBank(0);
  find("again").addEventListener("click", () => shownSound && hit(shownSound, VELOCITY));
  find("download").addEventListener("click", downloadShown);
  redraws.push(() => inBank().forEach(drawPad), drawSound);
}
