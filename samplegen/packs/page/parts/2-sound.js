// Sound: decoding, velocity layers, round robins, choke. A stage is where voices play, live or offline.

const RATE = 44100;
const CHOKE = 0.005; // seconds of the ramp that ends a choked voice
const PATIENCE = 1; // seconds of the audio clock, which may be slow to start, that the meter waits for a sound
const SAFETY = 0.002; // seconds ahead of now, so that a hit's first sample is not missed

let live = null; // the stage of the loudspeaker; made by the first gesture, as browsers want it

function bytes(base64) {
  const text = atob(base64);
  return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
}

async function decodeAll() {
  const decoder = new OfflineAudioContext(1, 1, RATE);
  const decodeLayer = async (layer) => {
    layer.buffers = await Promise.all(layer.takes.map((take) => decoder.decodeAudioData(bytes(take))));
    layer.takes = null; // the text is not needed any more
  };
  const decode = async (sound) => {
    await Promise.all(sound.layers.map(decodeLayer));
    sound.buffer = sound.layers.at(-1).buffers[0];
    sound.shown();
  };
  await Promise.all(PACK.sounds.map(decode));
}

function stage(context, level) {
  const output = context.createGain();
  output.gain.value = level;
  output.connect(context.destination);
  return { context, output, groups: new Map(), turns: new Map() };
}

function liveStage() {
  if (!live) {
    live = stage(new AudioContext({ latencyHint: "interactive" }), find("volume").valueAsNumber);
    live.meter = live.context.createAnalyser();
    live.meter.fftSize = 2048;
    live.output.connect(live.meter);
  }
  if (live.context.state !== "running") live.context.resume();
  return live;
}

// The buffer for a velocity, the takes of a layer in turn.
function take(stage, layer) {
  const turn = stage.turns.get(layer) ?? 0;
  stage.turns.set(layer, turn + 1);
  return layer.buffers[turn % layer.buffers.length];
}

// Start a sound at a time of the stage's clock, velocity 1..127; its choke group's voices end there.
function strike(stage, sound, velocity, when) {
  if (!sound.buffer) return;
  const layer = sound.layers.find(({ high }) => velocity <= high) ?? sound.layers.at(-1);
  const source = new AudioBufferSourceNode(stage.context, { buffer: take(stage, layer) });
  const gain = new GainNode(stage.context, { gain: Math.min(1, velocity / layer.high) ** 2 });
  source.connect(gain).connect(stage.output);
  source.start(when);
  if (sound.choke) choke(stage, sound.choke, { source, gain, level: gain.gain.value, when, end: when + source.buffer.duration });
}

function choke(stage, group, voice) {
  const voices = (stage.groups.get(group) ?? []).filter(({ end }) => end > stage.context.currentTime);
  for (const other of voices) if (other.when <= voice.when) release(other, voice.when);
  const next = Math.min(...voices.map(({ when }) => when).filter((when) => when > voice.when));
  if (next < voice.end) release(voice, next); // a hit by hand, ahead of one that is scheduled already
  stage.groups.set(group, [...voices, voice]);
}

function release(voice, when) {
  if (voice.end <= when) return;
  voice.gain.gain.setValueAtTime(voice.level, when);
  voice.gain.gain.linearRampToValueAtTime(0, when + CHOKE);
  voice.source.stop(when + CHOKE);
  voice.end = when;
}

// A hit by hand: at once, seen on its pad and point, and shown large.
function hit(sound, velocity) {
  const { context } = liveStage();
  strike(live, sound, velocity, context.currentTime + SAFETY);
  light(sound, velocity);
  inspect(sound);
  watchMeter();
}

// Loudest sample of the last moments, as a bar and as a number for those who look (data-peak).
function watchMeter() {
  live.watched = live.context.currentTime + PATIENCE;
  if (live.watching) return;
  live.watching = true;
  const samples = new Float32Array(live.meter.fftSize);
  const bar = find("meter");
  let shown = 0;
  const look = () => {
    live.meter.getFloatTimeDomainData(samples);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    shown = Math.max(peak, shown * 0.92);
    bar.style.setProperty("--level", Math.min(1, shown).toFixed(3));
    bar.dataset.peak = Math.max(bar.dataset.peak ?? 0, peak);
    live.watching = shown > 0.001 || clock.timer !== null || live.context.currentTime < live.watched;
    if (live.watching) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function startVolume() {
  // a finger counts as a gesture, without which no sound may begin, only when it is lifted
  addEventListener("pointerup", () => live && liveStage());
  find("volume").addEventListener("input", (event) => {
    if (live) live.output.gain.setTargetAtTime(event.target.valueAsNumber, live.context.currentTime, 0.01);
  });
}
