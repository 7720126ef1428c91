// Keys, MIDI, and the start.

const NOTE_ON = 0x90;

function keyed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches("select, input:not([type=range]), textarea")) return;
  const sound = inBank()[KEYS.indexOf(event.code)];
  if (sound) {
    event.preventDefault();
    hit(sound, event.shiftKey ? HARD : VELOCITY);
  } else if (event.code === "Space" && !event.target.matches("button, a")) {
    event.preventDefault();
    toggle();
  }
}

function heard({ data: [status, note, velocity] }) {
  if ((status & 0xf0) !== NOTE_ON || !velocity) return;
  const sound = PACK.sounds.find((one) => one.note === note);
  if (sound) hit(sound, velocity);
}

// Asked for only when the user wants it: browsers put up a question.
async function connect() {
  try {
    const access = await navigator.requestMIDIAccess();
    const listen = () => {
      for (const input of access.inputs.values()) input.onmidimessage = heard;
      find("midi").textContent = `MIDI: ${access.inputs.size} in`;
    };
    access.onstatechange = listen;
    listen();
  } catch {
    find("midi").textContent = "MIDI refused";
  }
}

function startMidi() {
  find("midi").hidden = !navigator.requestMIDIAccess;
  find("midi").addEventListener("click", connect);
}

startTexts();
startPads();
startMap();
startSequencer();
startVolume();
startMidi();
startTheme();
addEventListener("keydown", keyed);
addEventListener("resize", () => {
  clearTimeout(redraw.waiting);
  redraw.waiting = setTimeout(redraw, 150);
});
decodeAll().then(() => (document.body.dataset.ready = ""));
