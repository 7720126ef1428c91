// Time: a coarse timer looks ahead and schedules on the audio clock, which is exact ("A Tale of Two Clocks", Wilson 2013).

const TICK = 25; // milliseconds between two looks
const AHEAD = 0.1; // seconds scheduled at a look
const AHEAD_HIDDEN = 1.5; // browsers call the timers of hidden pages once a second
const SETTLE = 0.05; // seconds from the start to the first step

const clock = { timer: null, step: 0, time: 0, seen: [] };

// Seconds that a sixteenth lasts; the odd one of a pair begins at the swing's share of it.
function lasting(step, { bpm, swing }) {
  const pair = 30 / bpm;
  return (pair * (step % 2 ? 100 - swing : swing)) / 100;
}

function schedule(stage, pattern, step, time) {
  for (const lane of pattern.lanes) {
    const velocity = lane.steps[step % lane.steps.length];
    if (velocity) strike(stage, lane.sound, velocity, time);
  }
}

function look() {
  const { context } = live;
  const horizon = context.currentTime + (document.hidden ? AHEAD_HIDDEN : AHEAD);
  clock.time = Math.max(clock.time, context.currentTime); // after a sleep: go on, do not catch up
  while (clock.time < horizon) {
    schedule(live, pattern, clock.step, clock.time);
    clock.seen.push({ step: clock.step, time: clock.time });
    clock.time += lasting(clock.step, pattern);
    clock.step += 1;
  }
}

// Steps are shown when they are heard.
function follow() {
  if (clock.timer === null) return;
  while (clock.seen.length && clock.seen[0].time <= live.context.currentTime) {
    const { step } = clock.seen.shift();
    showStep(step);
    for (const lane of pattern.lanes) {
      const velocity = lane.steps[step % lane.steps.length];
      if (velocity) light(lane.sound, velocity);
    }
  }
  requestAnimationFrame(follow);
}

function toggle() {
  const playing = clock.timer !== null;
  if (playing) {
    clearInterval(clock.timer);
    silence();
    showStep(null);
  }
  Object.assign(clock, { timer: null, step: 0, seen: [] });
  if (!playing) {
    clock.time = liveStage().context.currentTime + SETTLE;
    clock.timer = setInterval(look, TICK);
    look();
    follow();
    watchMeter();
  }
  find("start").setAttribute("aria-pressed", !playing);
  find("start").querySelector("span").textContent = playing ? "Play" : "Stop";
}

// What is scheduled ahead must not sound any more: the live output is let go of, and the next hit makes a new one.
function silence() {
  const old = live.output;
  old.gain.setTargetAtTime(0, live.context.currentTime, 0.005);
  setTimeout(() => old.disconnect(), 100);
  const { meter } = live;
  live = stage(live.context, find("volume").valueAsNumber);
  live.meter = meter;
  live.output.connect(meter);
}

// One cycle as it sounds when it has gone round: the tails of its last hits are in its beginning.
async function render(pattern) {
  const steps = cycle(pattern);
  const starts = [0];
  for (let step = 0; step < 2 * steps; step++) starts.push(starts.at(-1) + lasting(step, pattern));
  const frames = Math.round(starts[steps] * RATE);
  const offline = stage(new OfflineAudioContext(1, 2 * frames, RATE), 1);
  for (let step = 0; step < 2 * steps; step++) schedule(offline, pattern, step, starts[step]);
  const samples = (await offline.context.startRendering()).getChannelData(0).slice(frames);
  const edges = starts.slice(0, steps + 1).map((start) => Math.round(start * RATE));
  const peaks = edges.slice(1).map((end, step) => extent(samples, edges[step], end)).map(([low, high]) => Math.max(-low, high));
  return { samples, peaks };
}

function download(samples, name) {
  const link = make("a", { href: URL.createObjectURL(wav(samples)), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// A mono 16-bit WAV, turned down where it would clip.
function wav(samples) {
  const [low, high] = extent(samples, 0, samples.length);
  const scale = 32767 / Math.max(1, -low, high);
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  [..."RIFF\0\0\0\0WAVEfmt "].forEach((character, at) => view.setUint8(at, character.charCodeAt(0)));
  [..."data"].forEach((character, at) => view.setUint8(36 + at, character.charCodeAt(0)));
  for (const [at, value] of [[4, 36 + 2 * samples.length], [16, 16], [24, RATE], [28, 2 * RATE], [40, 2 * samples.length]])
    view.setUint32(at, value, true);
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]]) view.setUint16(at, value, true);
  samples.forEach((sample, index) => view.setInt16(44 + 2 * index, Math.round(sample * scale), true));
  return new Blob([view], { type: "audio/wav" });
}

async function save() {
  const { samples, peaks } = await render(pattern);
  find("sequencer").dataset.peaks = JSON.stringify(peaks);
  const name = `${PACK.title}_${pattern.bpm}_${pattern.name}.wav`.replace(/[^A-Za-z0-9_.-]+/g, "-");
  download(samples, name);
  say(`Saved ${name}`);
}
