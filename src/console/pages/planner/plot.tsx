/** A plot drawn by uPlot in the page's colours; drawn anew when its numbers, its size, the theme or the language change. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { language } from '../../shell/language.ts';
import { theme } from '../../shell/theme.ts';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly kind: 'bars' | 'line' | 'dashed';
  /** A variable of the page's style sheet. */
  readonly colour: '--accent' | '--danger' | '--fine' | '--urgent' | '--faint';
}

export interface PlotProps {
  /** What it shows, in words, for those who do not see it. */
  readonly label: string;
  /** What x counts. */
  readonly xLabel: string;
  readonly x: readonly number[];
  readonly xName: (x: number) => string;
  readonly yName: (y: number) => string;
  readonly series: readonly Series[];
  /** A line upright at this x. */
  readonly mark?: number;
  readonly height?: number;
}

export function Plot(props: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const colours = theme.value;
  const words = language.value;
  useEffect(() => {
    const box = place.current as HTMLDivElement;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(
        optionsOf(props, box.clientWidth),
        [[...props.x], ...props.series.map(({ values }) => [...values])],
        box,
      );
    };
    draw();
    const watcher = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height: props.height ?? 220 }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      plot?.destroy();
    };
  }, [props.x, JSON.stringify(props.series), props.mark, colours, words]);
  return <div class="plot" role="img" aria-label={props.label} ref={place} />;
}

function optionsOf({ x, xLabel, xName, yName, series, mark, height = 220 }: PlotProps, width: number): uPlot.Options {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: colour('--ink'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } };
  const bars = uPlot.paths.bars?.({ size: [0.9] });
  return {
    width,
    height,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, range: () => [(x[0] ?? 0) - 0.5, (x.at(-1) ?? 1) + 0.5] } },
    axes: [
      { ...axis, values: (_plot, values) => values.map(xName) },
      { ...axis, size: 64, values: (_plot, values) => values.map(yName) },
    ],
    series: [
      { label: xLabel, value: (_plot, value) => (value == null ? '' : xName(value)) },
      ...series.map(({ label, kind, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 2,
        value: (_plot: uPlot, value: number | null) => (value == null ? '–' : yName(value)),
        points: { show: kind === 'line' },
        ...(kind === 'dashed' ? { dash: [6, 6] } : {}),
        ...(kind === 'bars' && bars ? { paths: bars, fill: colour(name) } : {}),
      })),
    ],
    hooks: {
      draw: [
        ({ ctx, bbox, valToPos }) => {
          if (mark === undefined) return;
          const at = valToPos(mark, 'x', true);
          ctx.save();
          ctx.strokeStyle = colour('--danger');
          ctx.setLineDash([8, 6]);
          ctx.lineWidth = 2;
          ctx.beginPath();
          ctx.moveTo(at, bbox.top);
          ctx.lineTo(at, bbox.top + bbox.height);
          ctx.stroke();
          ctx.restore();
        },
      ],
    },
  };
}
