// The map: a point a sound, near ones alike. Moving over it plays the nearest; arrow keys go from point to point.

const TINT = 0.2; // of a cell around its point, the third of it at a distance of `REACH` pixels
const REACH = 100;
const GAP = 2; // pixels between cells
const MARGIN = 0.07; // of the field, free of points

let over = null; // the sound that the pointer is nearest to

const along = (value) => MARGIN + value * (1 - 2 * MARGIN);

function makePoint(sound) {
  const attributes = { type: "button", class: "point", tabindex: "-1", "aria-label": `${sound.name}, ${sound.role}` };
  const point = make("button", { ...attributes, data: { role: sound.role } }, [make("span", { text: sound.name }), make("i")]);
  point.style.left = `${100 * along(sound.x)}%`;
  point.style.top = `${100 * along(1 - sound.y)}%`;
  point.addEventListener("click", (event) => event.detail === 0 && hit(sound, VELOCITY));
  point.addEventListener("keydown", (event) => walk(event, sound));
  sound.point = point;
  return point;
}

// The nearest point that lies mostly in the arrow's direction is played and focused.
function walk(event, sound) {
  const [right, up] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
  if (right === undefined) return;
  event.preventDefault();
  const ahead = PACK.sounds.filter((other) => {
    const [x, y] = [other.x - sound.x, other.y - sound.y];
    return x * right + y * up > Math.abs(x * up + y * right);
  });
  const next = nearest(ahead, sound.x, sound.y);
  if (!next) return;
  stopTab(next);
  next.point.focus();
  hit(next, VELOCITY);
}

function stopTab(chosen) {
  for (const { point } of PACK.sounds) point.tabIndex = point === chosen.point ? 0 : -1;
}

function nearest(sounds, x, y) {
  const away = (sound) => (sound.x - x) ** 2 + (sound.y - y) ** 2;
  return sounds.reduce((best, sound) => (!best || away(sound) < away(best) ? sound : best), null);
}

// A mouse plays wherever it goes once sound is allowed; a finger where it is pressed.
function moved(event) {
  const { left, top, width, height } = find("field").getBoundingClientRect();
  const place = (value) => (value - MARGIN) / (1 - 2 * MARGIN);
  const x = place((event.clientX - left) / width);
  const y = 1 - place((event.clientY - top) / height);
  const sound = nearest(PACK.sounds, x, y);
  const again = event.type === "pointerdown";
  if (sound === over && !again) return;
  over = sound;
  if (again || event.buttons || live?.context.state === "running") hit(sound, VELOCITY);
}

// The part of the field that is nearer to a point than to any other, as corners: a box cut along every bisector.
function cell(points, own) {
  const { width, height } = find("field").getBoundingClientRect();
  const box = [[0, 0], [width, 0], [width, height], [0, height]];
  return points.reduce((corners, other) => (other === own ? corners : cut(corners, own, other)), box);
}

function cut(corners, [x, y], [otherX, otherY]) {
  const away = Math.hypot(otherX - x, otherY - y) || 1;
  const [right, down] = [(otherX - x) / away, (otherY - y) / away];
  const beyond = ([cornerX, cornerY]) => (cornerX - x) * right + (cornerY - y) * down - (away - GAP) / 2;
  return corners.flatMap((corner, index) => {
    const before = corners.at(index - 1);
    const [from, to] = [beyond(before), beyond(corner)];
    const part = from / (from - to);
    const crossing = [0, 1].map((axis) => before[axis] + part * (corner[axis] - before[axis]));
    return [...(from <= 0 !== to <= 0 ? [crossing] : []), ...(to <= 0 ? [corner] : [])];
  });
}

function drawCells() {
  const draw = blank(find("field").querySelector("canvas"));
  const { width, height } = find("field").getBoundingClientRect();
  const points = PACK.sounds.map(({ x, y }) => [along(x) * width, along(1 - y) * height]);
  draw.scale(devicePixelRatio, devicePixelRatio);
  points.forEach((point, index) => {
    const shade = draw.createRadialGradient(...point, 0, ...point, REACH);
    const rgb = colour(PACK.sounds[index].point, "--role");
    shade.addColorStop(0, `rgba(${rgb}, ${TINT})`);
    shade.addColorStop(1, `rgba(${rgb}, ${TINT / 3})`);
    draw.fillStyle = shade;
    draw.beginPath();
    cell(points, point).forEach(([x, y]) => draw.lineTo(x, y));
    draw.fill();
  });
}

function startMap() {
  const field = find("field");
  field.append(...PACK.sounds.map(makePoint));
  stopTab(PACK.sounds[0]);
  field.dataset.crowd = PACK.sounds.length > 24 ? "many" : "few";
  field.addEventListener("pointerdown", (event) => {
    if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
    moved(event);
  });
  field.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("pointermove", moved);
  field.addEventListener("pointerleave", () => (over = null));
  redraws.push(drawCells);
}
