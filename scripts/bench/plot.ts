import type { Growth } from "./growth.ts";
import { sizeOf } from "./memory.ts";

/** A line through points; `x` and `y` are drawn by their logarithms. */
interface Series {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
  /** Where the axes are labelled. */
  readonly xs: readonly Tick[];
  readonly ys: readonly Tick[];
}

interface Tick {
  readonly at: number;
  readonly label: string;
}

const size = { width: 400, height: 300, left: 64, right: 16, top: 56, bottom: 40 } as const;
const colours = ["#1f6feb", "#2da44e"] as const;

/** Two plots beside each other: time by the number of images, memory and time by the size of a layer. */
export function plotGrowth({ crowds, layers }: Growth): string {
  const panels: readonly Panel[] = [
    {
      title: "seconds, far, by the number of images",
      series: [
        { name: "new", colour: colours[0], points: crowds.map(({ images, cold }) => time(images, cold)) },
        {
          name: "nothing to do",
          colour: colours[1],
          points: crowds.map(({ images, warm }) => time(images, warm)),
        },
      ],
      xs: crowds.map(({ images }) => ({ at: images, label: images.toLocaleString("en") })),
      ys: [0.1, 1, 10, 100].map((at) => ({ at, label: `${at} s` })),
    },
    {
      title: "peak memory and seconds, near, by the size of a layer",
      series: [
        {
          name: "MiB",
          colour: colours[0],
          points: layers.map(({ mebibytes, peakKiB }) => ({ x: mebibytes, y: peakKiB / 1_024 })),
        },
        {
          name: "seconds",
          colour: colours[1],
          points: layers.map((copy) => time(copy.mebibytes, copy)),
        },
      ],
      xs: layers.map(({ mebibytes }) => ({ at: mebibytes, label: sizeOf(mebibytes) })),
      ys: [0.1, 1, 10, 100].map((at) => ({ at, label: String(at) })),
    },
  ];
  const drawn = panels.map((panel, position) => drawPanel(panel, position * size.width)).join("\n");
  const width = panels.length * size.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height}" font-family="sans-serif" font-size="11">
<title>Time by the number of images; memory and time by the size of a layer</title>
<rect width="${width}" height="${size.height}" fill="#ffffff"/>
${drawn}
</svg>
`;
}

function time(x: number, { wallMs }: { readonly wallMs: number }): Point {
  return { x, y: wallMs / 1_000 };
}

function drawPanel({ title, series, xs, ys }: Panel, offset: number): string {
  const x = scale(xs, offset + size.left, offset + size.width - size.right);
  const y = scale(ys, size.height - size.bottom, size.top);
  const [left, right] = [offset + size.left, offset + size.width - size.right];
  const [top, bottom] = [size.top, size.height - size.bottom];
  const grid = [
    ...xs.map(({ at, label }) => [
      `<path d="M${x(at)} ${top}V${bottom}" stroke="#d0d7de"/>`,
      `<text x="${x(at)}" y="${bottom + 16}" text-anchor="middle">${label}</text>`,
    ]),
    ...ys.map(({ at, label }) => [
      `<path d="M${left} ${y(at)}H${right}" stroke="#d0d7de"/>`,
      `<text x="${left - 6}" y="${number(y(at) + 4)}" text-anchor="end">${label}</text>`,
    ]),
  ].flat();
  const lines = series.flatMap(({ name, colour, points }, position) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ")}"/>`,
    ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${colour}"/>`),
    `<text x="${left + position * 110}" y="${top - 10}" fill="${colour}">${name}</text>`,
  ]);
  const heading = `<text x="${left}" y="${top - 30}" font-weight="bold">${title}</text>`;
  return [heading, ...grid, ...lines].join("\n");
}

/** From the first tick to the last, by logarithms. */
function scale(ticks: readonly Tick[], from: number, to: number): (value: number) => number {
  const [low, high] = [ticks[0]?.at ?? 1, ticks.at(-1)?.at ?? 10].map(Math.log10) as [number, number];
  return (value) => number(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
}

function number(value: number): number {
  return Math.round(value * 10) / 10;
}
