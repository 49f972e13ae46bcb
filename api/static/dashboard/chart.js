/** Lines over time. uPlot draws; colours are those of the page, and follow it into the dark. */

import uPlot from "/static/vendor/uplot.js";
import {html, useEffect, useRef} from "/static/vendor/preact.js";

/** @param {{times: number[], series: {label: string, colour: string, values: number[]}[], unit: string}} props times in seconds */
export function Chart({times, series, unit, label}) {
  const place = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = {stroke: colour("--quiet"), grid: {stroke: colour("--line"), width: 1}, ticks: {stroke: colour("--line"), width: 1}, font: "12px Inter"};
    plot.current = new uPlot(
      {
        width: place.current.clientWidth, height: 180, legend: {live: true}, cursor: {points: {size: 6}},
        axes: [axis, {...axis, size: 56, values: (_, values) => values.map((value) => `${value}${unit}`)}],
        scales: {y: {range: (_, low, high) => [0, Math.max(high, 1)]}},
        series: [{}, ...series.map((line) => ({label: line.label, stroke: colour(line.colour), width: 2, points: {show: false}}))],
      },
      [times, ...series.map((line) => line.values)],
      place.current,
    );
    const watch = new ResizeObserver(() => plot.current.setSize({width: place.current.clientWidth, height: 180}));
    watch.observe(place.current);
    return () => { watch.disconnect(); plot.current.destroy(); };
  }, [series.length]);
  useEffect(() => plot.current.setData([times, ...series.map((line) => line.values)]), [times, series]);
  return html`<figure class="chart" ref=${place} role="img" aria-label=${label}></figure>`;
}
