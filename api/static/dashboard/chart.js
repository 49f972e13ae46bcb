/** Lines over time. uPlot draws; colours are those of the page, and follow it into the dark. */

import uPlot from "/static/vendor/uplot.js";
import {atMinute} from "./format.js";
import {html, useEffect, useRef, useState} from "/static/vendor/preact.js";

/** @param {{times: number[], series: {label: string, colour: string, values: number[]}[], unit: string}} props times in seconds */
export function Chart({times, series, unit, label}) {
  const place = useRef(null);
  const plot = useRef(null);
  const light = useLight();
  useEffect(() => {
    const colour = (name) => { place.current.style.color = `var(${name})`; return getComputedStyle(place.current).color; };
    const axis = {stroke: colour("--quiet"), grid: {stroke: colour("--line"), width: 1}, ticks: {stroke: colour("--line"), width: 1}, font: "12px Inter"};
    plot.current = new uPlot(
      {
        width: place.current.clientWidth, height: 180, legend: {live: true}, cursor: {points: {size: 6}},
        axes: [{...axis, values: (_, seconds) => seconds.map((second) => atMinute(second * 1000))}, {...axis, size: 56, values: (_, values) => values.map((value) => `${value}${unit}`)}],
        scales: {y: {range: (_, low, high) => [0, Math.max(high, 1)]}},
        series: [{label: "at", value: (_, second) => (second === null ? "–" : atMinute(second * 1000))}, ...series.map((line) => ({label: line.label, stroke: colour(line.colour), width: 2, points: {show: false}}))],
      },
      [times, ...series.map((line) => line.values)],
      place.current,
    );
    const watch = new ResizeObserver(() => plot.current.setSize({width: place.current.clientWidth, height: 180}));
    watch.observe(place.current);
    return () => { watch.disconnect(); plot.current.destroy(); };
  }, [series.length, light]);
  useEffect(() => plot.current.setData([times, ...series.map((line) => line.values)]), [times, series]);
  return html`<figure class="chart" ref=${place} role="img" aria-label=${label}></figure>`;
}

/** A number that changes with the light: what is drawn on a canvas does not follow it by itself. */
function useLight() {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setTurn((before) => before + 1);
    system.addEventListener("change", change);
    addEventListener("lightchange", change);
    return () => { system.removeEventListener("change", change); removeEventListener("lightchange", change); };
  }, []);
  return turn;
}
