// Pictures of sounds: waveform and spectrogram, drawn from the decoded samples in the colours of role and theme.

const WINDOW = 1024; // samples under the Hann window
const POINTS = 2048; // of the transform: zeros behind the window smooth the picture's lows
const COLUMNS = 320;
const ROWS = 160;
const RANGE_DB = 75;
const LOWEST = 40; // Hz, at the bottom; octaves are as high as each other
const HIGHEST = 20000;
const TURNS = Float32Array.from({ length: POINTS }, (_, k) => Math.cos((2 * Math.PI * k) / POINTS));
const HANN = Float32Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
const SEEN = 0.03; // of the loudest sample

function waveform(canvas, samples, ink) {
  const draw = blank(canvas);
  const { width, height } = canvas;
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-4);
  draw.fillStyle = ink;
  for (let x = 0; x < width; x++) {
    const [low, high] = extent(samples, Math.floor((x * samples.length) / width), Math.ceil(((x + 1) * samples.length) / width));
    const top = (height / 2) * (1 - (0.96 * high) / loudest);
    draw.fillRect(x, top, 1, Math.max(1, (0.48 * height * (high - low)) / loudest));
  }
}

// Up to where a sound can be seen at the size of a pad; the rest would be a flat line.
function visible(samples) {
  const [low, high] = extent(samples, 0, samples.length);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > SEEN * Math.max(-low, high));
  return samples.subarray(0, Math.max(last + 1, RATE / 20));
}

function extent(samples, from, to) {
  let low = 0;
  let high = 0;
  for (let i = from; i < Math.min(to, samples.length); i++) {
    if (samples[i] < low) low = samples[i];
    if (samples[i] > high) high = samples[i];
  }
  return [low, high];
}

// Of `POINTS` samples, in place (Cooley and Tukey 1965).
function fft(real, imaginary) {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) [real[i], real[j]] = [real[j], real[i]];
  }
  for (let size = 2; size <= n; size *= 2) butterflies(real, imaginary, size);
}

function butterflies(real, imaginary, size) {
  const half = size / 2;
  for (let k = 0; k < half; k++) {
    const cos = TURNS[(k * POINTS) / size];
    const sin = TURNS[(k * POINTS) / size + POINTS / 4]; // minus the sine
    for (let i = k; i < real.length; i += size) {
      const j = i + half;
      const re = real[j] * cos - imaginary[j] * sin;
      const im = real[j] * sin + imaginary[j] * cos;
      real[j] = real[i] - re;
      imaginary[j] = imaginary[i] - im;
      real[i] += re;
      imaginary[i] += im;
    }
  }
}

// Power of the samples around a place, `POINTS / 2` numbers.
function power(samples, centre) {
  const real = new Float32Array(POINTS);
  const imaginary = new Float32Array(POINTS);
  for (let i = 0; i < WINDOW; i++) {
    real[i] = (samples[centre - WINDOW / 2 + i] ?? 0) * HANN[i];
  }
  fft(real, imaginary);
  return real.slice(0, POINTS / 2).map((value, i) => value * value + imaginary[i] * imaginary[i]);
}

// Levels 0..255, a picture of `COLUMNS` by `ROWS` numbers, row by row, the highest frequency first.
function levels(samples) {
  const places = Array.from({ length: ROWS }, (_, row) => (LOWEST * (HIGHEST / LOWEST) ** (1 - row / (ROWS - 1)) * POINTS) / RATE);
  const frames = Array.from({ length: COLUMNS }, (_, x) => power(samples, Math.round((x / COLUMNS) * samples.length)));
  const loudest = frames.reduce((most, frame) => frame.reduce((higher, value) => Math.max(higher, value), most), 1e-9);
  const picture = new Uint8ClampedArray(COLUMNS * ROWS);
  places.forEach((place, row) => {
    const low = Math.floor(place);
    frames.forEach((frame, x) => {
      const mixed = frame[low] + (place - low) * (frame[low + 1] - frame[low]);
      picture[row * COLUMNS + x] = 255 * (1 + (10 * Math.log10(mixed / loudest + 1e-12)) / RANGE_DB);
    });
  });
  return picture;
}

// From paper over the role's colour to ink: the same picture in light and dark.
function shade(level, [paper, role, ink]) {
  const [from, to, part] = level < 0.6 ? [paper, role, level / 0.6] : [role, ink, (level - 0.6) / 0.4];
  return from.map((value, i) => value + part * (to[i] - value));
}

// The levels are kept with the sound: they cost more than all else that follows a hit.
function spectrogram(canvas, sound, colours) {
  const draw = blank(canvas);
  sound.levels ??= levels(sound.buffer.getChannelData(0));
  const palette = Array.from({ length: 256 }, (_, level) => shade(level / 255, colours));
  const image = new ImageData(COLUMNS, ROWS);
  sound.levels.forEach((level, at) => {
    [image.data[4 * at], image.data[4 * at + 1], image.data[4 * at + 2]] = palette[level];
    image.data[4 * at + 3] = 255;
  });
  const small = make("canvas", { width: COLUMNS, height: ROWS });
  small.getContext("2d").putImageData(image, 0, 0);
  draw.imageSmoothingQuality = "high";
  draw.drawImage(small, 0, 0, canvas.width, canvas.height);
}
